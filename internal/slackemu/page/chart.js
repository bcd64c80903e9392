// The data_visualization block as SVG.
import { el, svg } from './dom.js';

const colours = ['#1264a3', '#e0672f', '#2bac76', '#8a4fbf', '#c01c4b', '#7a6a00'];
const box = { width: 520, height: 200, left: 52, right: 10, top: 10, bottom: 26 };

// chart draws a line, area or bar chart; a pie is listed as text.
export function chart(block) {
  const data = block.chart || block;
  const series = data.series || [];
  const categories = (data.axis_config?.categories || data.categories || series[0]?.data?.map((point) => point.label) || []).map(labelOf);
  const values = series.map((line) => (line.data || line.values || []).map((point) => (typeof point === 'object' ? point?.value : point)));
  const legend = el('div', { class: 'legend' }, series.map((line, i) =>
    el('span', {}, el('i', { style: `background:${colours[i % colours.length]}` }), line.name || '')));
  return el('div', { class: 'block chart' },
    el('div', { class: 'name' }, labelOf(block.title ?? data.title ?? '')), draw(data.type, categories, values, labelOf(block.title)), legend);
}

const labelOf = (value) => (value && typeof value === 'object' ? value.text ?? value.label ?? '' : String(value ?? ''));

function draw(kind, categories, values, title) {
  const top = Math.max(1, ...values.flat().filter(Number.isFinite));
  const count = Math.max(2, ...values.map((line) => line.length));
  const x = (i) => box.left + (i * (box.width - box.left - box.right)) / (count - 1);
  const y = (v) => box.height - box.bottom - (v * (box.height - box.top - box.bottom)) / top;
  const parts = [0, 0.5, 1].flatMap((share) => gridLine(y(top * share), top * share));
  values.forEach((line, n) => parts.push(shape(kind, line, n, values.length, x, y)));
  const step = Math.ceil(categories.length / 5);
  categories.forEach((name, i) => {
    if (i % step && i !== categories.length - 1) return;
    parts.push(svg('text', { x: x(i), y: box.height - 8, 'text-anchor': i === categories.length - 1 ? 'end' : 'middle', 'font-size': 10, fill: 'currentColor' }, name));
  });
  return svg('svg', { viewBox: `0 0 ${box.width} ${box.height}`, role: 'img', 'aria-label': `Chart ${title}` }, ...parts);
}

function gridLine(at, value) {
  return [
    svg('line', { x1: box.left, x2: box.width - box.right, y1: at, y2: at, stroke: 'currentColor', 'stroke-opacity': 0.15 }),
    svg('text', { x: box.left - 6, y: at + 4, 'text-anchor': 'end', 'font-size': 10, fill: 'currentColor' }, Math.round(value).toLocaleString('en')),
  ];
}

function shape(kind, line, n, of, x, y) {
  const colour = colours[n % colours.length];
  if (kind === 'bar') {
    const width = Math.max(2, 14 / of);
    return svg('g', {}, ...line.map((v, i) => Number.isFinite(v)
      ? svg('rect', { x: x(i) - width * (of / 2 - n), y: y(v), width, height: y(0) - y(v), fill: colour }) : svg('g')));
  }
  const points = line.map((v, i) => (Number.isFinite(v) ? `${x(i)},${y(v)}` : null)).filter(Boolean).join(' ');
  return svg('polyline', { points, fill: 'none', stroke: colour, 'stroke-width': 2, 'stroke-linejoin': 'round' });
}
