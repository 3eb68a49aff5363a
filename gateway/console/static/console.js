// SPDX-FileCopyrightText: 2026 The ead-gateway authors
// SPDX-License-Identifier: Apache-2.0
// Draws the figures of the statistics; everything else on the pages works without it.
"use strict";

function draw(place) {
  const data = JSON.parse(place.dataset.plot);
  if (!data.labels.length) {
    place.hidden = true;
    return;
  }
  const at = data.labels.map((_, index) => index);
  const label = (_, splits) => splits.map((one) => (Number.isInteger(one) ? data.labels[one] ?? "" : ""));
  const bars = uPlot.paths.bars({ size: [0.5, 60] });
  new uPlot({
    width: place.clientWidth,
    height: 260,
    cursor: { show: false },
    legend: { live: false },
    scales: { x: { time: false, range: [-0.7, at.length - 0.3] }, items: { range: (_, __, most) => [0, most || 1] }, value: { range: (_, __, most) => [0, most || 1] } },
    axes: [
      { values: label, splits: () => at.filter((one) => one % Math.ceil(at.length / 12) === 0), grid: { show: false } },
      { scale: "items", label: place.dataset.items, size: 70 },
      { scale: "value", label: place.dataset.value, side: 1, size: 90, grid: { show: false } },
    ],
    series: [
      {},
      { label: place.dataset.items, scale: "items", stroke: "#0b4f8a", fill: "#0b4f8a66", paths: bars, points: { show: false } },
      { label: place.dataset.value, scale: "value", stroke: "#a3161f", width: 2, points: { show: true, size: 8 } },
    ],
  }, [at, data.items, data.value], place);
}

document.querySelectorAll("[data-plot]").forEach(draw);
