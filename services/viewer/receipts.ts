import { AssetReceiptMessage, encodeMessage } from '@/lib/domain/messages';
import { TABLES, TOPICS } from '@/lib/domain/naming';
import type { ServiceContext } from '../contract';
import { EdgeAssetRow, isoTime } from '../rows';
import { changeRows } from '../shared/row-changes';
import { produceTraced, traceOf } from '../shared/traced';

const ROUND_ROWS_MAX = 500;

/** Tells HQ what has arrived. The rows' flag is the outbox: it is cleared only once the receipts are durable. */
export async function sendReceipts(context: ServiceContext): Promise<void> {
  const { ports, clock, site, log } = context;
  const documents = await ports.tables.find(TABLES.assets, {
    condition: { $eq: { receiptDue: true } },
    limit: ROUND_ROWS_MAX,
  });
  const rows = documents.map((document) => EdgeAssetRow.parse(document));
  const owed = rows.flatMap((row) =>
    row.requestId !== null && row.file ? [{ row, requestId: row.requestId, sha256: row.file.sha256 }] : [],
  );
  if (rows.length === 0) return;
  const at = isoTime(clock.now());
  await produceTraced(
    context,
    TOPICS.receipt(site.id),
    owed.map(({ row, requestId, sha256 }) => ({
      key: row._id,
      value: encodeMessage(AssetReceiptMessage, {
        type: 'asset.receipt',
        at,
        requestId,
        edge: site.id,
        assetId: row._id,
        sha256,
      }),
      parent: traceOf(row),
    })),
  );
  await changeRows(
    ports.tables,
    TABLES.assets,
    rows.map((row) => ({ row, patch: { receiptDue: false } })),
  );
  log.debug('Receipts written', { receipts: owed.length });
}
