'use strict';
(() => {
const documentOf = JSON.parse(document.getElementById('figures').textContent);
const svgNamespace = 'http://www.w3.org/2000/svg';

// ---- the table: search, filters, order; all of it in the address, so that a view can be passed on

const table = document.getElementById('claims');
const rows = [...table.tBodies[0].rows];
const controls = {q: document.getElementById('search'), family: document.getElementById('family'),
                  verdict: document.getElementById('verdict')};
const headers = [...table.tHead.rows[0].cells];

/** The first number of a cell, or NaN: "2.867x [2.746, 2.933]" is 2.867. */
function numberIn(text) {
  const found = /^-?[\d.]+(?:e[+-]?\d+)?/.exec(text.trim());
  return found ? parseFloat(found[0]) : NaN;
}

/** Numbers before words, words by their alphabet; no value last, whatever the direction. */
function compareCells(a, b, direction) {
  const [x, y] = [numberIn(a), numberIn(b)];
  if (!isNaN(x) && !isNaN(y)) return direction * (x - y);
  if (isNaN(x) !== isNaN(y)) return isNaN(x) ? 1 : -1;
  return direction * a.localeCompare(b);
}

function fillSelect(select, key) {
  for (const value of new Set(rows.map(row => row.dataset[key]))) select.add(new Option(value, value));
}

function state() {
  const hash = new URLSearchParams(location.hash.includes('=') ? location.hash.slice(1) : '');
  return {q: hash.get('q') ?? '', family: hash.get('family') ?? '', verdict: hash.get('verdict') ?? '',
          sort: headers[hash.get('sort')] ? Number(hash.get('sort')) : -1, down: hash.get('down') === '1',
          open: hash.get('open') ?? ''};
}

function setState(change) {
  const next = {...state(), ...change};
  const hash = new URLSearchParams();
  for (const key of ['q', 'family', 'verdict', 'open']) if (next[key]) hash.set(key, next[key]);
  if (next.sort >= 0) {
    hash.set('sort', next.sort);
    if (next.down) hash.set('down', '1');
  }
  history.replaceState(null, '', hash.size ? '#' + hash : location.pathname + location.search);
  apply();
}

function apply() {
  const wanted = state();
  const words = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !(words.every(word => text.includes(word)) && (!wanted.family || row.dataset.family === wanted.family) &&
                   (!wanted.verdict || row.dataset.verdict === wanted.verdict));
    count += row.hidden ? 0 : 1;
  }
  const ordered = wanted.sort < 0 ? rows : [...rows].sort((a, b) =>
    compareCells(a.cells[wanted.sort].textContent, b.cells[wanted.sort].textContent, wanted.down ? -1 : 1));
  table.tBodies[0].append(...ordered);
  headers.forEach((header, i) => header.setAttribute(
    'aria-sort', i !== wanted.sort ? 'none' : wanted.down ? 'descending' : 'ascending'));
  for (const key of Object.keys(controls)) if (controls[key].value !== wanted[key]) controls[key].value = wanted[key];
  document.getElementById('shown').textContent = `${count} of ${rows.length} claims`;
}

// ---- drawing

function element(name, attributes, parent) {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

function text(parent, x, y, content, anchor = 'start') {
  element('text', {x, y, 'text-anchor': anchor}, parent).textContent = content;
}

/** As many digits as tell values apart that lie `resolution` from each other, four at the least. */
function shown(value, resolution = Infinity) {
  const spare = Math.ceil(Math.log10(Math.abs(value) / resolution));
  const digits = Math.min(15, Math.max(4, 2 + (Number.isFinite(spare) ? spare : 0)));
  return value !== 0 && (Math.abs(value) >= 1e9 || Math.abs(value) < 1e-4) ? value.toExponential(digits - 1)
                                                                           : String(+value.toPrecision(digits));
}

/** What two values must differ by to be told apart: the interval's width. */
function widthOf(low, high) {
  return low !== null && high !== null ? high - low : Infinity;
}

/** "[0.999477, 1.00037]"; a missing end is not bounded, and without both there is no interval. */
function shownEnds(low, high) {
  if (low === null && high === null) return '(no interval)';
  const end = one => one === null ? 'unbounded' : shown(one, widthOf(low, high));
  return `[${end(low)}, ${end(high)}]`;
}

/** "1.00002 [0.999477, 1.00037]". */
function shownInterval(value, low, high) {
  if (value === null && low === null && high === null) return 'no value';
  return `${value === null ? 'outside what was swept' : shown(value, widthOf(low, high))} ${shownEnds(low, high)}`;
}

/** Marks an element with what the tip says of it. */
function told(made, lines) {
  made.dataset.tip = lines.join('\n');
  return made;
}

function ticksOf(low, high, isLog) {
  if (isLog) {
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); ++power)
      for (const step of high / low < 30 ? [1, 1.5, 2, 3, 5, 7] : [1]) ticks.push(step * 10 ** power);
    const inside = ticks.filter(tick => tick >= low && tick <= high);
    if (inside.length >= 2) return inside;
  }
  const raw = (high - low) / 5;
  const step = [1, 2, 5, 10].map(n => n * 10 ** Math.floor(Math.log10(raw))).find(n => n >= raw);
  const ticks = [];
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(+tick.toPrecision(12));
  return ticks;
}

/** Maps data to pixels; what is null or outside lies at the edge. */
function scaleOf(values, isLog, from, to) {
  const finite = values.filter(value => Number.isFinite(value) && (!isLog || value > 0));
  let [low, high] = finite.length ? [Math.min(...finite), Math.max(...finite)] : [isLog ? 0.5 : 0, isLog ? 2 : 1];
  if (isLog) {
    const room = Math.max(0.02, 0.05 * Math.log(high / low));
    [low, high] = [low * Math.exp(-room), high * Math.exp(room)];
  } else {
    const room = 0.05 * (high - low) || Math.abs(high) * 0.05 || 1;
    [low, high] = [low - room, high + room];
  }
  const place = value => isLog ? Math.log(value) : value;
  const scale = value => {
    const share = (place(Math.min(high, Math.max(low, value))) - place(low)) / (place(high) - place(low));
    return from + share * (to - from);
  };
  return Object.assign(scale, {low, high, isLog});
}

function verticalAxis(svg, scale, box, label) {
  for (const tick of ticksOf(scale.low, scale.high, scale.isLog)) {
    element('line', {x1: box.left, x2: box.right, y1: scale(tick), y2: scale(tick), class: 'grid'}, svg);
    text(svg, box.left - 6, scale(tick) + 4, shown(tick), 'end');
  }
  element('path', {d: `M${box.left},${box.top}V${box.bottom}H${box.right}`, class: 'axis'}, svg);
  text(svg, box.left, box.top - 8, label);
}

function horizontalTicks(svg, scale, box, label) {
  for (const tick of ticksOf(scale.low, scale.high, scale.isLog)) {
    element('line', {x1: scale(tick), x2: scale(tick), y1: box.top, y2: box.bottom, class: 'grid'}, svg);
    text(svg, scale(tick), box.bottom + 16, shown(tick), 'middle');
  }
  text(svg, box.right, box.bottom + 34, label, 'end');
}

function horizontalMark(svg, scale, value, box, name, kind = 'cut') {
  if (value === null || value < scale.low || value > scale.high) return;
  told(element('line', {x1: box.left, x2: box.right, y1: scale(value), y2: scale(value), class: kind}, svg),
       [`${name} ${shown(value)}`]);
  text(svg, box.right - 4, scale(value) - 4, `${name} ${shown(value)}`, 'end');
}

function band(svg, scale, low, high, box) {
  if (low === null && high === null) return;
  const [a, b] = [scale(low ?? scale.low), scale(high ?? scale.high)];
  told(element('rect', {x: box.left, y: Math.min(a, b), width: box.right - box.left, height: Math.max(1, Math.abs(a - b)),
                        class: 'band'}, svg), [`interval ${shownEnds(low, high)}`]);
}

const shapes = {supported: 'M-5,0L0,-5L5,0L0,5Z', equivalent: 'M-5,-2H5V2H-5Z', refuted: 'M-5,-5L5,5M-5,5L5,-5',
                held: 'M-4,-4H4V4H-4Z', failed: 'M-5,-5L5,5M-5,5L5,-5'};

function drawForest(figure) {
  const line = 18;
  const left = 330, width = 1100;
  const box = {left, right: width - 20, top: 50, bottom: 50 + line * figure.rows.length};
  const svg = element('svg', {viewBox: `0 0 ${width} ${box.bottom + 50}`, role: 'img'});
  const all = figure.rows.flatMap(row => [row.value, row.low, row.high, ...row.cuts.map(cut => cut.value),
                                          ...row.predicted.map(one => one.value)]);
  const scale = scaleOf([...all, figure.reference ?? NaN], figure.log, box.left, box.right);
  horizontalTicks(svg, scale, box, figure.x_label);
  for (const tick of ticksOf(scale.low, scale.high, scale.isLog)) text(svg, scale(tick), box.top - 6, shown(tick), 'middle');
  text(svg, box.right, 16, '○ predicted   ┆ cut of the rule   ◆ supported   ✕ refuted or failed   ▬ equivalent   ■ held   ● undecided', 'end');
  if (figure.reference) element('line', {x1: scale(figure.reference), x2: scale(figure.reference), y1: box.top,
                                         y2: box.bottom, class: 'axis'}, svg);
  figure.rows.forEach((row, i) => {
    const y = box.top + line * (i + 0.5);
    const group = told(element('g', {}, svg), [row.label, row.value === null ? row.verdict : `${row.verdict}: ${shownInterval(row.value, row.low, row.high)}`,
      ...row.predicted.map(one => `${one.name}: ${shown(one.value)}`), ...row.cuts.map(cut => `${cut.label}: ${shown(cut.value)}`)]);
    element('rect', {x: 0, y: y - line / 2, width, height: line, fill: 'transparent'}, group);
    text(group, left - 8, y + 4, row.label.length > 46 ? row.label.slice(0, 45) + '…' : row.label, 'end');
    for (const one of row.predicted) element('circle', {cx: scale(one.value), cy: y, r: 4, class: 'mark'}, group);
    for (const cut of row.cuts)
      element('line', {x1: scale(cut.value), x2: scale(cut.value), y1: y - 7, y2: y + 7, class: 'cut'}, group);
    if (row.value === null) return text(group, left + 4, y + 4, row.verdict);
    if (row.low !== null || row.high !== null)
      element('line', {x1: scale(row.low ?? scale.low), x2: scale(row.high ?? scale.high), y1: y, y2: y, class: 'mark'}, group);
    element('path', {d: shapes[row.verdict] ?? 'M-4,0A4,4 0 1 0 4,0A4,4 0 1 0 -4,0', transform: `translate(${scale(row.value)},${y})`,
                     class: row.verdict === 'refuted' || row.verdict === 'failed' ? 'mark' : 'value'}, group);
  });
  return svg;
}

function drawRounds(figure) {
  const svg = element('svg', {viewBox: '0 0 1100 330', role: 'img'});
  const box = {left: 90, right: 1080, top: 30, bottom: 280};
  const values = [...figure.points.map(point => point[1]), figure.low, figure.high, figure.value,
                  ...figure.cuts.map(cut => cut.value)];
  const x = scaleOf(figure.points.map(point => point[0]), false, box.left, box.right);
  const y = scaleOf(values, figure.log, box.bottom, box.top);
  verticalAxis(svg, y, box, figure.y_label);
  horizontalTicks(svg, x, box, 'round (a process start each)');
  band(svg, y, figure.low, figure.high, box);
  if (figure.value !== null) element('line', {x1: box.left, x2: box.right, y1: y(figure.value), y2: y(figure.value), class: 'mark'}, svg);
  for (const cut of figure.cuts) horizontalMark(svg, y, cut.value, box, cut.label);
  for (const [round, value] of figure.points)
    if (value !== null) told(element('circle', {cx: x(round), cy: y(value), r: 3, class: 'value'}, svg), [`round ${round}: ${shown(value)}`]);
  for (const look of figure.looks.filter(look => look.low !== null || look.high !== null))
    told(element('path', {d: `M${x(look.round - 1)},${y(look.low ?? y.low)}V${y(look.high ?? y.high)}`, class: 'mark'}, svg),
         [`look after ${look.round} rounds: ${shownEnds(look.low, look.high)}`]);
  return svg;
}

/** The slices of one round, as they were measured; what they became is in the figure of rounds. */
function drawPath(figure) {
  const svg = element('svg', {viewBox: '0 0 1100 320', role: 'img'});
  const box = {left: 90, right: 1080, top: 30, bottom: 270};
  const points = figure.slices.series.flatMap(series => series.points);
  const x = scaleOf(points.map(point => point[0]), false, box.left, box.right);
  const y = scaleOf(points.map(point => point[1]), figure.slices.log, box.bottom, box.top);
  verticalAxis(svg, y, box, `round ${figure.round}: ${figure.slices.y_label}`);
  horizontalTicks(svg, x, box, 'position in the round');
  for (const [a, b] of figure.slices.pairs)
    element('line', {x1: x(a[0]), y1: y(a[1]), x2: x(b[0]), y2: y(b[1]), class: 'pair'}, svg);
  figure.slices.series.forEach((series, i) => {
    for (const [position, value] of series.points) {
      const [cx, cy] = [x(position), y(value)];
      const made = series.role === 'baseline'
        ? element('rect', {x: cx - 4, y: cy - 4, width: 8, height: 8, class: 'baseline'}, svg)
        : element('circle', {cx, cy, r: 4.5, class: 'candidate'}, svg);
      told(made, [`${series.name} (${series.role})`, `slice ${position}: ${shown(value)}`]);
    }
    text(svg, box.right, 14 + 14 * i, `${series.role === 'baseline' ? '■' : '●'} ${series.name} (${series.role})`, 'end');
  });
  return svg;
}

/** A sign and a colour for each series; the two sides of a comparison have theirs everywhere. */
function styleOf(role, i) {
  if (role === 'baseline') return {kind: 'baseline', sign: '■'};
  if (role === 'candidate') return {kind: 'candidate', sign: '●'};
  return {kind: `other-${i % 4}`, sign: '▲◆▼★'[i % 4]};
}

function drawSweep(figure) {
  const top = 36 + 14 * figure.series.length;
  const svg = element('svg', {viewBox: `0 0 1100 ${top + 380}`, role: 'img'});
  const box = {left: 110, right: 1080, top, bottom: top + 330};
  const points = figure.series.flatMap(series => series.points);
  const x = scaleOf(points.map(point => point[0]), figure.log, box.left, box.right);
  const y = scaleOf(points.flatMap(point => point.slice(1)), figure.log, box.bottom, box.top);
  verticalAxis(svg, y, box, figure.y_label);
  horizontalTicks(svg, x, box, figure.x_label);
  const {value: crossing, low: from, high: to} = figure.crossover ?? {value: null, low: null, high: null};
  if (crossing !== null || from !== null || to !== null) {
    const [a, b] = [x(from ?? x.low), x(to ?? x.high)];
    told(element('rect', {x: a, y: box.top, width: Math.max(1, b - a), height: box.bottom - box.top, class: 'band'}, svg),
         [`crossover: ${shownInterval(crossing, from, to)}`]);
  } else if (figure.crossover) {
    text(svg, box.left + 6, box.top - 10, 'no crossover within the sizes swept');
  }
  figure.series.forEach((series, i) => {
    const {kind, sign} = styleOf(series.role, i);
    const seen = series.points.filter(point => point[1] !== null);
    element('path', {d: seen.map((point, j) => `${j ? 'L' : 'M'}${x(point[0])},${y(point[1])}`).join(''),
                     class: kind, style: 'fill: none'}, svg);
    for (const [size, value, low, high] of seen) {
      element('line', {x1: x(size), x2: x(size), y1: y(low ?? y.low), y2: y(high ?? y.high), class: kind}, svg);
      const made = element('text', {x: x(size), y: y(value) + 4, 'text-anchor': 'middle', class: kind}, svg);
      made.textContent = sign;
      told(made, [series.name, `${figure.x_label} ${shown(size)}: ${shownInterval(value, low, high)}`]);
    }
    text(svg, box.right, 14 + 14 * i, `${sign} ${series.name}`, 'end');
  });
  return svg;
}

/** Kernels by their operations for each byte, under lines that probes reached; the names are told at each. */
function drawRoofline(figure) {
  const svg = element('svg', {viewBox: '0 0 1100 460', role: 'img'});
  const box = {left: 110, right: 1080, top: 40, bottom: 410};
  const {kernels, bandwidth, compute} = figure;
  const at = kernels.map(kernel => kernel.intensity);
  const [low, high] = [Math.min(...at) / 3, Math.max(...at) * 3];
  const x = scaleOf([low, high], true, box.left, box.right);
  const y = scaleOf([...kernels.map(kernel => kernel.value), ...compute.map(roof => roof.value),
                     ...bandwidth.flatMap(roof => at.map(one => one * roof.value))], true, box.bottom, box.top);
  verticalAxis(svg, y, box, figure.y_label);
  horizontalTicks(svg, x, box, figure.x_label);
  text(svg, box.right, 16, '◆ supported   ✕ refuted   ▬ equivalent   ● undecided or invalid   — what a probe reached', 'end');
  for (const roof of bandwidth) {
    // Beyond the box a line would be bent along its edge: it begins and ends where it meets that.
    const [from, to] = [Math.max(low, y.low / roof.value), Math.min(high, y.high / roof.value)];
    told(element('line', {x1: x(from), y1: y(roof.value * from), x2: x(to), y2: y(roof.value * to), class: 'roof'}, svg),
         [roof.name, `${shownInterval(roof.value, roof.low, roof.high)} bytes a second`]);
  }
  for (const roof of compute)
    told(element('line', {x1: box.left, x2: box.right, y1: y(roof.value), y2: y(roof.value), class: 'roof'}, svg),
         [roof.name, `${shownInterval(roof.value, roof.low, roof.high)} a second`]);
  for (const kernel of kernels) {
    const group = told(element('g', {}, svg), [kernel.name, ...kernel.claims.map(claim => `${claim.experiment}: ${claim.verdict}`),
      `${figure.y_label}: ${shownInterval(kernel.value, kernel.low, kernel.high)}`, `${figure.x_label}: ${shown(kernel.intensity)}`]);
    element('line', {x1: x(kernel.intensity), x2: x(kernel.intensity), y1: y(kernel.low ?? y.low), y2: y(kernel.high ?? y.high),
                     class: 'mark'}, group);
    element('path', {d: shapes[kernel.verdict] ?? 'M-4,0A4,4 0 1 0 4,0A4,4 0 1 0 -4,0',
                     transform: `translate(${x(kernel.intensity)},${y(kernel.value)})`,
                     class: kernel.verdict === 'refuted' ? 'mark' : 'value'}, group);
  }
  return svg;
}

/** A cell each size of each section; better and worse are told by a sign, too. */
function drawSurface(figure) {
  const rows = [...figure.sections].sort((a, b) => b.at - a.at);
  const sizes = [...new Set(rows.flatMap(row => row.points.map(point => point[0])))].sort((a, b) => a - b);
  const box = {left: 110, right: 1080, top: 40, bottom: 40 + 44 * rows.length};
  const svg = element('svg', {viewBox: `0 0 1100 ${box.bottom + 44}`, role: 'img'});
  const width = (box.right - box.left) / sizes.length;
  /** Between two columns by the logarithm; null is an end of the row. */
  const place = (size, end) => {
    if (size === null) return end;
    const i = sizes.findIndex(one => size <= one);
    const along = i <= 0 ? (i < 0 ? sizes.length - 1 : 0)
                         : i - 1 + Math.log(size / sizes[i - 1]) / Math.log(sizes[i] / sizes[i - 1]);
    return box.left + (along + 0.5) * width;
  };
  text(svg, box.right, 16, '+ the candidate is better   − the baseline is better   ~ open   ◆ where the candidate begins to win', 'end');
  text(svg, box.left, box.top - 8, figure.y_label);
  sizes.forEach((size, i) => text(svg, box.left + (i + 0.5) * width, box.bottom + 16, shown(size), 'middle'));
  text(svg, box.right, box.bottom + 34, figure.x_label, 'end');
  rows.forEach((row, j) => {
    const y = box.top + 44 * j;
    text(svg, box.left - 6, y + 26, shown(row.at), 'end');
    for (const [size, value, low, high] of row.points) {
      const [kind, sign] = low !== null && low > 1 ? ['better', '+'] : high !== null && high < 1 ? ['worse', '−'] : ['open', '~'];
      const group = told(element('g', {}, svg), [`${row.experiment}: ${figure.y_label} ${shown(row.at)}, ${figure.x_label} ${shown(size)}`,
                                                 `baseline / candidate ${shownInterval(value, low, high)}`]);
      const x = box.left + sizes.indexOf(size) * width;
      element('rect', {x, y, width, height: 44, class: `cell ${kind}`}, group);
      text(group, x + width / 2, y + 18, `${sign} ${value === null ? 'no value' : `${+value.toPrecision(3)}x`}`, 'middle');
    }
    const {value, low, high} = row.crossover;
    if (value === null && low === null && high === null) return;
    const group = told(element('g', {}, svg), [`${row.experiment}: crossover ${shownInterval(value, low, high)}`]);
    element('line', {x1: place(low, box.left), x2: place(high, box.right), y1: y + 33, y2: y + 33, class: 'mark'}, group);
    if (value !== null) element('path', {d: shapes.supported, transform: `translate(${place(value)},${y + 33})`, class: 'value'}, group);
  });
  return svg;
}

const painters = {forest: drawForest, rounds: drawRounds, path: drawPath, roofline: drawRoofline, surface: drawSurface,
                  sweep: drawSweep};

/** By keyboard: a figure takes the focus, and the arrows walk over what it has a tip for. */
function walkable(svg) {
  svg.setAttribute('tabindex', '0');
  svg.addEventListener('keydown', event => {
    const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
    if (!step && event.key !== 'Escape') return;
    event.preventDefault();
    const marks = [...svg.querySelectorAll('[data-tip]')];
    const now = marks.findIndex(mark => mark.classList.contains('walked'));
    leave(svg);
    if (!step) return;
    const next = marks[now < 0 ? (step > 0 ? 0 : marks.length - 1) : (now + step + marks.length) % marks.length];
    next.classList.add('walked');
    next.scrollIntoView?.({block: 'nearest'});
    const place = next.getBoundingClientRect();
    showTip(next.dataset.tip, place.right, place.bottom);
  });
  svg.addEventListener('blur', () => leave(svg));
}

function leave(svg) {
  for (const mark of svg.querySelectorAll('.walked')) mark.classList.remove('walked');
  tip.hidden = true;
}

function figureOf(figure) {
  const holder = document.createElement('figure');
  holder.dataset.file = figure.file;
  const caption = document.createElement('figcaption');
  caption.textContent = figure.title;
  caption.id = `caption-${figure.file}`;
  const painter = painters[figure.kind];
  const drawn = painter?.(figure);
  drawn?.setAttribute('aria-labelledby', caption.id);
  if (drawn?.querySelector('[data-tip]')) walkable(drawn);
  holder.append(caption, drawn ?? `This page draws no figure of the kind ${figure.kind}: see plots/${figure.file}.svg`);
  return holder;
}

/** A claim's figures are drawn when it is first opened: a run has hundreds. */
function drawDetails(details) {
  const place = details.querySelector('.figures');
  if (!details.open || place.childElementCount > 0) return;
  place.append(...documentOf.figures.filter(figure => figure.experiment === details.dataset.experiment).map(figureOf));
}

// ---- the tip

const tip = document.getElementById('tip');

function showTip(content, x, y) {
  tip.hidden = false;
  tip.textContent = content;
  tip.style.left = `${Math.min(x, innerWidth - tip.offsetWidth - 4)}px`;
  tip.style.top = `${Math.min(y, innerHeight - tip.offsetHeight - 4)}px`;
}

document.addEventListener('pointermove', event => {
  const marked = event.target.closest?.('[data-tip]');
  tip.hidden = !marked;
  if (marked) showTip(marked.dataset.tip, event.clientX + 14, event.clientY + 14);
});

// ---- start

/** An address names a claim as "#bind-1stack" or, beside filters, as "#verdict=refuted&open=bind-1stack". */
function openTarget() {
  const id = location.hash.includes('=') ? state().open : decodeURIComponent(location.hash.slice(1));
  const target = id ? document.getElementById(id) : null;
  if (target?.tagName !== 'DETAILS') return;
  target.open = true;
  drawDetails(target);
  target.scrollIntoView();
}

fillSelect(controls.family, 'family');
fillSelect(controls.verdict, 'verdict');
for (const [key, control] of Object.entries(controls)) control.addEventListener('input', () => setState({[key]: control.value}));
headers.forEach((header, i) => header.addEventListener('click', () => {
  const now = state();
  setState({sort: i, down: now.sort === i && !now.down});
}));
for (const details of document.querySelectorAll('#details details'))
  details.addEventListener('toggle', () => drawDetails(details));
for (const link of document.querySelectorAll('a[href^="#"]'))
  link.addEventListener('click', event => {  // the filters stay
    event.preventDefault();
    setState({open: link.getAttribute('href').slice(1)});
    openTarget();
  });
addEventListener('hashchange', () => { apply(); openTarget(); });
document.getElementById('overview').append(...documentOf.figures.filter(figure => !figure.experiment).map(figureOf));
apply();
openTarget();
})();
