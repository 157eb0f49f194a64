import { describe, expect, it } from 'vitest';
import { contextOf, createTracer, formatTraceparent, parseTraceparent, type SpanData, traceFields, withTrace } from '.';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('traceparent', () => {
  it('is read and written as W3C has it', () => {
    const text = `00-${TRACE}-${SPAN}-01`;
    const context = parseTraceparent(text);
    expect(context).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true });
    expect(formatTraceparent(context!)).toBe(text);
    expect(parseTraceparent(`00-${TRACE}-${SPAN}-00`)?.sampled).toBe(false);
  });

  it('of a later version is read as far as it is known', () => {
    expect(parseTraceparent(`01-${TRACE}-${SPAN}-01-more`)?.traceId).toBe(TRACE);
  });

  it.each([
    null,
    '',
    'x',
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  ])('that is none (%s) is no context', (text) => expect(parseTraceparent(text)).toBeNull());
});

describe('a tracer', () => {
  const collect = () => {
    const exported: SpanData[] = [];
    return {
      exported,
      exporter: { export: (span: SpanData) => void exported.push(span), shutdown: async () => undefined },
    };
  };

  it('makes children of the same trace, and keeps them by trace', () => {
    const tracer = createTracer({ spansKept: 10, sampleRatio: 1 });
    const root = tracer.start('root');
    const child = tracer.start('child', {
      parent: parseTraceparent(root.traceparent),
      attributes: { a: 1, b: undefined },
    });
    child.end({ error: new Error('broken') });
    root.end();
    root.end();
    const spans = tracer.spansOf(root.context.traceId);
    expect(spans.map(({ name }) => name)).toEqual(['root', 'child']);
    expect(spans[1]).toMatchObject({ parentSpanId: root.context.spanId, error: 'broken', attributes: { a: 1 } });
    expect(spans[1]!.attributes).not.toHaveProperty('b');
    expect(spans.every(({ startMs, endMs }) => endMs >= startMs)).toBe(true);
  });

  it('forgets the oldest span first, whatever its trace', () => {
    const tracer = createTracer({ spansKept: 3, sampleRatio: 1 });
    const contexts = ['a', 'a', 'b', 'b'].map((trace) => {
      const span = tracer.start(trace, { parent: contextOf([trace], true) });
      span.end();
      return span.context;
    });
    expect(tracer.spansOf(contexts[0]!.traceId)).toHaveLength(1);
    expect(tracer.spansOf(contexts[2]!.traceId)).toHaveLength(2);
    for (let n = 0; n < 3; n++) tracer.start('c').end();
    expect(tracer.spansOf(contexts[2]!.traceId)).toEqual([]);
  });

  it('exports what its root decided, and never a trace that another site did not sample', () => {
    const { exported, exporter } = collect();
    const tracer = createTracer({ spansKept: 10, sampleRatio: 0, exporter });
    tracer.start('a root here').end();
    tracer.start('a child', { parent: contextOf(['x'], false) }).end();
    expect(exported).toEqual([]);
    tracer.start('a child', { parent: contextOf(['y'], true) }).end();
    expect(exported).toHaveLength(1);
  });

  it('keeps calls of the API out of the ring, where they would push out everything else', () => {
    const { exported, exporter } = collect();
    const tracer = createTracer({ spansKept: 10, sampleRatio: 1, exporter });
    const call = tracer.start('GET /api/sites', { kind: 'server' });
    call.end();
    expect(tracer.spansOf(call.context.traceId)).toEqual([]);
    expect(exported).toHaveLength(1);
  });

  it('names the same context for the same words', () => {
    expect(contextOf(['mirror run', 'alpha', '1'], true)).toEqual(contextOf(['mirror run', 'alpha', '1'], true));
    expect(contextOf(['mirror run', 'alpha', '1'], true)).not.toEqual(contextOf(['mirror run', 'alpha', '2'], true));
  });
});

it('work under way lends its trace to what it logs, across awaits and not beyond', async () => {
  const context = contextOf(['work'], true);
  const inside = await withTrace(context, async () => {
    await Promise.resolve();
    return traceFields();
  });
  expect(inside).toEqual({ trace_id: context.traceId, span_id: context.spanId });
  expect(traceFields()).toEqual({});
});
