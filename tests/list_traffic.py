# SPDX-FileCopyrightText: 2026 The ead-gateway authors
# SPDX-License-Identifier: Apache-2.0
"""Two years of invented CEB messages: lists, orders, waybills, corrections, cancellations, returns.

The bytes are all there is: what is in force at the end must be worked out from them.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from uuid import UUID

CEB = "http://www.chinaport.gov.cn/ceb"
FIRST, DAYS = date(2025, 1, 1), 730
CURRENCIES = ("142", "142", "142", "502", "502", "300", "303", "116", "331")
COUNTRIES = ("304", "502", "303", "305", "116", "601")
OFFICES = ("5165", "2900", "0110")
CODES = ("6109100010", "7323930000", "8504401990", "9503008900", "3304990099", "4202920000")
EXPORT_MODES = ("9610", "9610", "9610", "1210", "1239", "9710", "9810")
IMPORT_MODES = ("9610", "1210", "1210")
SMALL_MODES = ("9710", "9810")


@dataclass
class Parcel:
    """What one list says."""

    number: int
    export: bool
    day: date
    mode: str
    office: str
    country: str
    mass: str
    lines: list = field(default_factory=list)
    hour: int = 1
    cancelled: bool = False
    deleted: bool = False

    @property
    def words(self):
        """What a correction may change."""
        return self.day, self.country, self.mass, tuple(self.lines)

    @property
    def tracking(self):
        """The waybill number."""
        return f"TR{self.number:010d}"

    @property
    def list_number(self):
        """The number that customs gave the list; it does not move with the day."""
        return f"{self.office}2025{'E' if self.export else 'I'}{self.number:09d}"


class Traffic:
    """Makes messages; the same seed makes the same."""

    def __init__(self, seed):
        self.random = Random(seed)
        self.parcels = []
        self.serial = 0

    def messages(self, days_between=1):
        """Yield the bytes of all messages, in the order in which they come."""
        for offset in range(0, DAYS, days_between):
            day = FIRST + timedelta(days=offset)
            fresh = [self._parcel(day) for _ in range(self.random.randint(2, 9))]
            for export in (True, False):
                chosen = [one for one in fresh if one.export is export]
                if chosen:
                    yield from self._day(chosen)
            self.parcels += fresh
            yield from self._later(day)

    def _day(self, parcels):
        """Yield what comes at first about parcels."""
        chosen = [one for one in parcels if one.export and self.random.random() < 0.3]
        before = [self._waybill(one) for one in chosen] + [self._order(one) for one in chosen]
        self.random.shuffle(before)
        late = self.random.random() < 0.5
        if not late:
            yield from before
        bodies = [self._list(one, 1) for one in parcels]
        if self.random.random() < 0.2:
            bodies.append(self._list(self._parcel(parcels[0].day, parcels[0].export), 1, broken=True))
        raw = self._message("CEB603" if parcels[0].export else "CEB621", bodies)
        yield raw
        if late:
            yield from before
        if self.random.random() < 0.2:
            yield raw  # the same bytes again
        if self.random.random() < 0.2:
            yield self._message("CEB603" if parcels[0].export else "CEB621", [self._list(parcels[0], 1)])
        if self.random.random() < 0.1:  # a waybill of which no list ever comes
            yield self._waybill(self._parcel(parcels[0].day, export=True))

    def _later(self, day):
        """Yield what is said later about a parcel of some day before."""
        for _ in range(3):
            one = self.random.choice(self.parcels)
            root = "CEB603" if one.export else "CEB621"
            act = self.random.random()
            if act < 0.35:
                one.hour += self.random.choice((0, 1, 1, 1))
                self._change(one)
                one.deleted = False
                yield self._message(root, [self._list(one, 2)])
            elif act < 0.45:  # issued before what is in force: has no effect
                stale = Parcel(one.number, one.export, one.day, one.mode, one.office, one.country, "99")
                stale.lines, stale.hour = [("9503008900", "142", "7.77")], one.hour - 1
                yield self._message(root, [self._list(stale, 2)])
            elif act < 0.55 and not one.deleted:
                one.hour += 1
                one.deleted = True
                yield self._message(root, [self._list(one, 3)])
            elif 0.55 <= act < 0.62:  # a new list under a reference in force: refused
                other = Parcel(one.number, one.export, one.day, one.mode, one.office, one.country, "77")
                other.lines, other.hour = [("9503008900", "142", "8.88")], one.hour
                yield self._message(root, [self._list(other, 1)])
            elif 0.62 <= act < 0.8 and one.export:
                yield self._message("CEB605", [self._cancel(one, 3 if one.cancelled else 1)])
                one.cancelled = not one.cancelled
            elif act >= 0.8 and one.export:
                yield self._message("CEB213", [self._return(one, day)])
            elif act >= 0.8:
                yield self._message("CEB625", [self._return_of_import(one, day)])

    def _parcel(self, day, export=None):
        """Return something new."""
        self.serial += 1
        export = self.random.random() < 0.65 if export is None else export
        one = Parcel(
            self.serial,
            export,
            day,
            self.random.choice(EXPORT_MODES if export else IMPORT_MODES),
            self.random.choice(OFFICES),
            self.random.choice(COUNTRIES),
            f"{self.random.randint(1, 3000000) / 100000:.5f}",
        )
        self._fill(one)
        return one

    def _fill(self, one):
        """Give lines; lists of the B2B modes are small and in the currency of their limit."""
        small = one.mode in SMALL_MODES
        currency = "142" if small else self.random.choice(CURRENCIES)
        one.lines = []
        for _ in range(self.random.choice((1, 1, 1, 2, 3))):
            own = currency if small or self.random.random() < 0.9 else self.random.choice(CURRENCIES)
            own = own if one.export else "142"
            cents = self.random.randint(1, 40_000 if small else 900_000)
            one.lines.append((self.random.choice(CODES), own, f"{cents / 100:.2f}"))

    def _change(self, one):
        """Say something else: the same words again would not count as a later word."""
        before = one.words
        while one.words == before:
            self._change_one(one)

    def _change_one(self, one):
        """Change one thing, perhaps to what it was; the day may move, the numbers stay."""
        what = self.random.randrange(4)
        if what == 0:
            self._fill(one)
        elif what == 1:
            one.country = self.random.choice(COUNTRIES)
        elif what == 2:
            one.mass = f"{self.random.randint(1, 3000000) / 100000:.5f}"
        else:
            moved = one.day + timedelta(days=self.random.randint(0, 40))
            one.day = moved if moved.year == one.day.year else one.day

    def _list(self, one, kind, *, broken=False):
        """Return a list; a broken one lacks its trade mode."""
        stamp = f"{date(2026, 12, 1) + timedelta(days=one.hour // 20):%Y%m%d}{one.hour % 20:02d}0000"
        mode = "" if broken else f"<ceb:tradeMode>{one.mode}</ceb:tradeMode>"
        head = self._head(kind, stamp)
        if one.export:
            return (
                f"<ceb:Inventory><ceb:InventoryHead>{head}<ceb:customsCode>{one.office}</ceb:customsCode>"
                "<ceb:ebpCode>3301960001</ceb:ebpCode><ceb:ebpName>样例平台</ceb:ebpName>"
                f"<ceb:orderNo>SO{one.number}</ceb:orderNo><ceb:logisticsCode>1100000001</ceb:logisticsCode>"
                f"<ceb:logisticsName>样例物流</ceb:logisticsName><ceb:logisticsNo>{one.tracking}</ceb:logisticsNo>"
                f"<ceb:copNo>COP{one.number}</ceb:copNo><ceb:invtNo>{one.list_number}</ceb:invtNo>"
                "<ceb:ieFlag>E</ceb:ieFlag><ceb:portCode>5141</ceb:portCode>"
                f"<ceb:ieDate>{one.day:%Y%m%d}</ceb:ieDate><ceb:statisticsFlag>B</ceb:statisticsFlag>"
                "<ceb:agentCode>4401980003</ceb:agentCode><ceb:agentName>样例报关</ceb:agentName>"
                "<ceb:ebcCode>4403961234</ceb:ebcCode><ceb:ebcName>样例电商</ceb:ebcName>"
                f"<ceb:ownerCode>NO</ceb:ownerCode><ceb:ownerName>样例电商</ceb:ownerName>{mode}"
                f"<ceb:trafMode>5</ceb:trafMode><ceb:country>{one.country}</ceb:country>"
                f"<ceb:POD>{one.country}</ceb:POD><ceb:freight>0</ceb:freight><ceb:fCurrency>142</ceb:fCurrency>"
                "<ceb:fFlag>3</ceb:fFlag><ceb:insuredFee>0</ceb:insuredFee><ceb:iCurrency>142</ceb:iCurrency>"
                "<ceb:iFlag>3</ceb:iFlag><ceb:wrapType>2</ceb:wrapType><ceb:packNo>1</ceb:packNo>"
                f"<ceb:grossWeight>{one.mass}</ceb:grossWeight><ceb:netWeight>{one.mass}</ceb:netWeight>"
                f"</ceb:InventoryHead>{self._lines(one)}</ceb:Inventory>"
            )
        return (
            f"<ceb:Inventory><ceb:InventoryHead>{head}<ceb:orderNo>IM{one.number}</ceb:orderNo>"
            "<ceb:ebpCode>3301960001</ceb:ebpCode><ceb:ebpName>样例平台</ceb:ebpName>"
            "<ceb:ebcCode>4403961234</ceb:ebcCode><ceb:ebcName>样例电商</ceb:ebcName>"
            f"<ceb:logisticsNo>{one.tracking}</ceb:logisticsNo><ceb:logisticsCode>1100000001</ceb:logisticsCode>"
            f"<ceb:logisticsName>样例物流</ceb:logisticsName><ceb:copNo>IMC{one.number}</ceb:copNo>"
            "<ceb:assureCode>4401980003</ceb:assureCode><ceb:ieFlag>I</ceb:ieFlag>"
            f"<ceb:declTime>{one.day:%Y%m%d}</ceb:declTime><ceb:customsCode>{one.office}</ceb:customsCode>"
            "<ceb:portCode>5141</ceb:portCode><ceb:buyerIdType>1</ceb:buyerIdType>"
            "<ceb:buyerIdNumber>000000190001010000</ceb:buyerIdNumber><ceb:buyerName>样例买家</ceb:buyerName>"
            "<ceb:buyerTelephone>00000000000</ceb:buyerTelephone>"
            "<ceb:consigneeAddress>样例省样例市样例路1号</ceb:consigneeAddress>"
            "<ceb:agentCode>4401980003</ceb:agentCode><ceb:agentName>样例报关</ceb:agentName>"
            f"{mode}<ceb:trafMode>5</ceb:trafMode><ceb:country>{one.country}</ceb:country>"
            "<ceb:freight>0</ceb:freight><ceb:insuredFee>0</ceb:insuredFee><ceb:currency>142</ceb:currency>"
            "<ceb:wrapType>2</ceb:wrapType><ceb:packNo>1</ceb:packNo>"
            f"<ceb:grossWeight>{one.mass}</ceb:grossWeight><ceb:netWeight>{one.mass}</ceb:netWeight>"
            f"</ceb:InventoryHead>{self._lines(one)}</ceb:Inventory>"
        )

    def _lines(self, one):
        """Return the goods."""
        units = (
            "<ceb:qty>1</ceb:qty><ceb:qty1>1</ceb:qty1><ceb:unit>011</ceb:unit><ceb:unit1>011</ceb:unit1>"
            if one.export
            else "<ceb:qty>1</ceb:qty><ceb:unit>011</ceb:unit>"
            "<ceb:qty1>1</ceb:qty1><ceb:unit1>011</ceb:unit1>"
        )
        trade = "" if one.export else "<ceb:tradeCountry>116</ceb:tradeCountry>"
        return "".join(
            f"<ceb:InventoryList><ceb:gnum>{place}</ceb:gnum><ceb:itemNo>S{place}</ceb:itemNo>"
            f"<ceb:itemName>样例</ceb:itemName><ceb:gcode>{code}</ceb:gcode><ceb:gname>样例</ceb:gname>"
            f"<ceb:gmodel>样例</ceb:gmodel><ceb:barCode>无</ceb:barCode>"
            f"<ceb:country>{one.country}</ceb:country>{trade}<ceb:currency>{currency}</ceb:currency>{units}<ceb:price>{value}</ceb:price>"
            f"<ceb:totalPrice>{value}</ceb:totalPrice></ceb:InventoryList>"
            for place, (code, currency, value) in enumerate(one.lines, 1)
        )

    def _order(self, one):
        """Return the order of an export."""
        goods = "".join(
            f"<ceb:OrderList><ceb:gnum>{place}</ceb:gnum><ceb:itemNo>S{place}</ceb:itemNo>"
            "<ceb:itemName>样例</ceb:itemName><ceb:barCode>无</ceb:barCode><ceb:unit>011</ceb:unit>"
            "<ceb:currency>142</ceb:currency><ceb:qty>1</ceb:qty><ceb:price>9.99</ceb:price>"
            "<ceb:totalPrice>9.99</ceb:totalPrice></ceb:OrderList>"
            for place in (1, 2)
        )
        body = (
            f"<ceb:Order><ceb:OrderHead>{self._head(1, f'{one.day:%Y%m%d}010000')}"
            f"<ceb:orderType>E</ceb:orderType><ceb:orderNo>SO{one.number}</ceb:orderNo>"
            "<ceb:ebpCode>3301960001</ceb:ebpCode><ceb:ebpName>样例平台</ceb:ebpName>"
            "<ceb:ebcCode>4403961234</ceb:ebcCode><ceb:ebcName>样例电商</ceb:ebcName>"
            "<ceb:goodsValue>19.98</ceb:goodsValue><ceb:freight>0</ceb:freight>"
            f"<ceb:currency>142</ceb:currency></ceb:OrderHead>{goods}</ceb:Order>"
        )
        return self._message("CEB303", [body])

    def _waybill(self, one):
        """Return the waybill of an export."""
        body = (
            f"<ceb:Logistics>{self._head(1, f'{one.day:%Y%m%d}010000')}"
            "<ceb:logisticsCode>1100000001</ceb:logisticsCode><ceb:logisticsName>样例物流</ceb:logisticsName>"
            f"<ceb:logisticsNo>{one.tracking}</ceb:logisticsNo><ceb:freight>0</ceb:freight>"
            "<ceb:insuredFee>0</ceb:insuredFee><ceb:currency>142</ceb:currency>"
            "<ceb:grossWeight>55.5</ceb:grossWeight><ceb:packNo>1</ceb:packNo>"
            "<ceb:goodsInfo>样例</ceb:goodsInfo></ceb:Logistics>"
        )
        return self._message("CEB505", [body])

    def _cancel(self, one, kind):
        """Return a cancellation, or the taking back of one."""
        return (
            f"<ceb:InvtCancel>{self._head(kind, f'{one.day:%Y%m%d}230000')}"
            f"<ceb:customsCode>{one.office}</ceb:customsCode><ceb:copNo>CAN{one.number}</ceb:copNo>"
            f"<ceb:invtNo>{one.list_number}</ceb:invtNo><ceb:reason>买家取消订单</ceb:reason>"
            "<ceb:agentCode>4401980003</ceb:agentCode><ceb:agentName>样例报关</ceb:agentName>"
            "<ceb:ebcCode>4403961234</ceb:ebcCode><ceb:ebcName>样例电商</ceb:ebcName></ceb:InvtCancel>"
        )

    def _return(self, one, day):
        """Return the announcement of a return, in the night of China, which is the day before in UTC."""
        return (
            f"<ceb:InvtRefund><ceb:InvtRefundHead>{self._head(1, f'{day:%Y%m%d}013000')}"
            f"<ceb:customsCode>{one.office}</ceb:customsCode>"
            "<ceb:ebpCode>3301960001</ceb:ebpCode><ceb:ebpName>样例平台</ceb:ebpName>"
            "<ceb:ebcCode>4403961234</ceb:ebcCode><ceb:ebcName>样例电商</ceb:ebcName>"
            f"<ceb:logisticsNo>{one.tracking}</ceb:logisticsNo><ceb:logisticsCode>1100000001</ceb:logisticsCode>"
            f"<ceb:logisticsName>样例物流</ceb:logisticsName><ceb:coElNo>RET{one.number}</ceb:coElNo>"
            f"<ceb:invtNo>{one.list_number}</ceb:invtNo><ceb:tradeMode>9661</ceb:tradeMode>"
            "<ceb:agentCode>4401980003</ceb:agentCode><ceb:agentName>样例报关</ceb:agentName>"
            "<ceb:billNo>78400000099</ceb:billNo><ceb:ieFlag>I</ceb:ieFlag><ceb:trafMode>5</ceb:trafMode>"
            "<ceb:trafName>CZ304</ceb:trafName><ceb:portCode>5141</ceb:portCode><ceb:reason>买家拒收</ceb:reason>"
            f"<ceb:country>{one.country}</ceb:country><ceb:voyageNo>1</ceb:voyageNo></ceb:InvtRefundHead>"
            f"<ceb:InvtRefundList><ceb:gnum>1</ceb:gnum><ceb:gcode>{one.lines[0][0]}</ceb:gcode>"
            "<ceb:gname>样例</ceb:gname><ceb:gmodel>样例</ceb:gmodel><ceb:qty>1</ceb:qty><ceb:qty1>1</ceb:qty1>"
            "<ceb:unit>011</ceb:unit><ceb:unit1>011</ceb:unit1></ceb:InvtRefundList></ceb:InvtRefund>"
        )

    def _return_of_import(self, one, day):
        """Return the announcement that an import goes back; it names no country and no value."""
        return (
            f"<ceb:InvtRefund><ceb:InvtRefundHead>{self._head(1, f'{day:%Y%m%d}013000')}"
            f"<ceb:customsCode>{one.office}</ceb:customsCode><ceb:orderNo>IM{one.number}</ceb:orderNo>"
            "<ceb:ebpCode>3301960001</ceb:ebpCode><ceb:ebpName>样例平台</ceb:ebpName>"
            "<ceb:ebcCode>4403961234</ceb:ebcCode><ceb:ebcName>样例电商</ceb:ebcName>"
            f"<ceb:logisticsNo>{one.tracking}</ceb:logisticsNo><ceb:logisticsCode>1100000001</ceb:logisticsCode>"
            f"<ceb:logisticsName>样例物流</ceb:logisticsName><ceb:copNo>IMR{one.number}</ceb:copNo>"
            f"<ceb:preNo>B2025{one.number:013d}</ceb:preNo><ceb:invtNo>{one.list_number}</ceb:invtNo>"
            "<ceb:buyerIdType>1</ceb:buyerIdType><ceb:buyerIdNumber>000000190001010000</ceb:buyerIdNumber>"
            "<ceb:buyerName>样例买家</ceb:buyerName><ceb:buyerTelephone>00000000000</ceb:buyerTelephone>"
            "<ceb:agentCode>4401980003</ceb:agentCode><ceb:agentName>样例报关</ceb:agentName>"
            "<ceb:reason>商品与描述不符</ceb:reason></ceb:InvtRefundHead>"
            f"<ceb:InvtRefundList><ceb:gnum>1</ceb:gnum><ceb:gcode>{one.lines[0][0]}</ceb:gcode>"
            "<ceb:gname>样例</ceb:gname><ceb:qty>1</ceb:qty><ceb:unit>011</ceb:unit></ceb:InvtRefundList>"
            "</ceb:InvtRefund>"
        )

    def _head(self, kind, stamp):
        """Return the common opening."""
        return (
            f"<ceb:guid>{self._guid()}</ceb:guid><ceb:appType>{kind}</ceb:appType>"
            f"<ceb:appTime>{stamp}</ceb:appTime><ceb:appStatus>2</ceb:appStatus>"
        )

    def _guid(self):
        """Return a fresh identifier."""
        return str(UUID(int=self.random.getrandbits(128), version=4)).upper()

    def _message(self, name, bodies):
        """Return the bytes of a message."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<ceb:{name}Message xmlns:ceb="{CEB}" guid="{self._guid()}" version="1.0">{"".join(bodies)}'
            "<ceb:BaseTransfer><ceb:copCode>4401980003</ceb:copCode><ceb:copName>样例报关</ceb:copName>"
            "<ceb:dxpMode>DXP</ceb:dxpMode><ceb:dxpId>DXPENTSAMPLE0001</ceb:dxpId></ceb:BaseTransfer>"
            f"</ceb:{name}Message>"
        ).encode()
