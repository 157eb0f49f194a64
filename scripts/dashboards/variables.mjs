/** The variables of a dashboard: what they may be, what they are, and queries with them filled in. */

/** `label_values(label)` or `label_values(selector, label)`, the one kind of query that our variables ask. */
export function parseLabelValues(definition) {
  const match = /^label_values\((?:(.+),)?\s*(\w+)\s*\)$/.exec(definition.trim());
  if (!match) throw new Error(`A variable asks "${definition}"; only label_values(...) is known here`);
  return { selector: match[1]?.trim() ?? null, label: match[2] };
}

/**
 * A query with `$name` and `${name}` filled in. Several values become alternatives of a regular expression, as Grafana makes them of a variable of
 * many values; a name that is no variable stays, so that Prometheus says what is wrong with it.
 */
export function fillIn(query, variables) {
  return query.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, bare) => {
    const value = variables[braced ?? bare];
    return value === undefined ? whole : value;
  });
}

/** What Grafana itself defines: windows that fit the resolution. `stepSeconds`: between two points; `rangeSeconds`: of the whole picture. */
export function builtIn({ stepSeconds, scrapeSeconds, rangeSeconds }) {
  return {
    __interval: `${stepSeconds}s`,
    __rate_interval: `${Math.max(stepSeconds + scrapeSeconds, 4 * scrapeSeconds)}s`,
    __range: `${rangeSeconds}s`,
  };
}

/** The value of one variable: what was asked for, or what the dashboard has as its own ("All": `allValue`). */
export function variableValue(variable, asked, known) {
  if (asked !== undefined) {
    const unknown = asked.filter((value) => !known.includes(value));
    if (unknown.length > 0)
      throw new Error(`${variable.name} can not be ${unknown.join(', ')}; there is ${known.join(', ') || 'nothing'}`);
    const escaped = asked.map((value) => value.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\\\$&'));
    return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
  }
  const current = variable.current?.value;
  if (current === '$__all' || current === undefined)
    return variable.allValue ?? (known.length === 1 ? known[0] : `(${known.join('|')})`);
  return [current].flat().join('|');
}
