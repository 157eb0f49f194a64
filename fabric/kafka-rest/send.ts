import type { ServerResponse } from 'node:http';
import { ANSWER_TYPE } from './formats';

export function sendAnswer(response: ServerResponse, body: unknown, type = ANSWER_TYPE): void {
  const text = Buffer.from(JSON.stringify(body));
  response.writeHead(200, { 'content-type': type, 'content-length': text.length });
  response.end(text);
}

/** An answer without a body. */
export function sendNothing(response: ServerResponse, status: 200 | 204): void {
  response.writeHead(status, status === 200 ? { 'content-length': 0 } : {});
  response.end();
}
