// The small notation that both languages' sentences are written in:
//   [one|other|]   one of these, at random
//   {A.his}        a slot: the role A in the form `his` (English), {A은} (Korean)
// What a slot becomes is the language's business; here is only the notation.

const compiled = new Map();

function parse(source, at, inside) {
  const branches = [];
  let nodes = [];
  let text = '';
  const flush = () => {
    if (text) nodes.push(text);
    text = '';
  };
  for (; at < source.length; at++) {
    const c = source[at];
    if (c === '{') {
      const end = source.indexOf('}', at);
      flush();
      nodes.push({ slot: readSlot(source.slice(at + 1, end)) });
      at = end;
    } else if (c === '[') {
      flush();
      const [node, end] = parse(source, at + 1, true);
      nodes.push(node);
      at = end;
    } else if (inside && (c === '|' || c === ']')) {
      flush();
      branches.push(nodes);
      nodes = [];
      if (c === ']') return [{ branches }, at];
    } else {
      text += c;
    }
  }
  if (inside) throw new Error(`a '[' is not closed: ${source}`);
  flush();
  return [nodes, at];
}

function readSlot(source) {
  const match = /^(\^?)([A-Za-z]+)(?:\.([a-z]+))?([^?]*)(\??)$/.exec(source);
  if (!match) throw new Error(`not a slot: {${source}}`);
  const [, capital, role, form, particle, optional] = match;
  return { capital: capital !== '', role, form: form ?? '', particle, optional: optional !== '' };
}

function write(nodes, rng, fill) {
  let out = '';
  for (const node of nodes) {
    if (typeof node === 'string') out += node;
    else if (node.slot) out += fill(node.slot);
    else out += write(rng.pick(node.branches), rng, fill);
  }
  return out;
}

/** The text of a template: `fill(slot)` gives each slot's text, `rng` chooses among alternatives. */
export function expand(source, rng, fill) {
  let nodes = compiled.get(source);
  if (!nodes) {
    [nodes] = parse(source, 0, false);
    compiled.set(source, nodes);
  }
  return write(nodes, rng, fill);
}
