import { describe, expect, it } from 'vitest';
import { mapBounded, slices } from './bounded';

describe('work that is bounded', () => {
  it('keeps the order of the items, and never runs more at once than it may', async () => {
    let running = 0;
    let most = 0;
    const results = await mapBounded([5, 1, 3, 2, 4], 2, async (item) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < item; turn++) await Promise.resolve();
      running--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 30, 20, 40]);
    expect(most).toBe(2);
    expect(await mapBounded([], 2, async () => 1)).toEqual([]);
  });

  it('begins nothing after a failure, and leaves nothing running behind it', async () => {
    const ended: number[] = [];
    const work = mapBounded([1, 2, 3, 4], 2, async (item) => {
      if (item === 1) throw new Error('first');
      await new Promise((resolve) => setTimeout(resolve, 5));
      ended.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect(ended).toEqual([2]);
  });

  it('is cut into slices', () => {
    expect(slices([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(slices([], 2)).toEqual([]);
  });
});
