import { apiNameOf } from '../codec';
import type { Dispatch } from './connection';

export interface ApiTraffic {
  requests: number;
  bytesIn: number;
  bytesOut: number;
}

/** What the Kafka door was asked and answered since it opened, by API: there are only so many. */
export class Traffic {
  readonly #byApi = new Map<string, ApiTraffic>();

  /** The same dispatch, counted. What no API of this door is, is not: it ends the connection. */
  counted(dispatch: Dispatch): Dispatch {
    return async (frame, context) => {
      const api = this.#of(frame.readInt16BE(0));
      if (api) {
        api.requests++;
        api.bytesIn += frame.length;
      }
      const answer = await dispatch(frame, context);
      if (api && answer) for (const part of answer) api.bytesOut += part.length;
      return answer;
    };
  }

  list(): (ApiTraffic & { name: string })[] {
    return [...this.#byApi].map(([name, traffic]) => ({ name, ...traffic }));
  }

  #of(key: number): ApiTraffic | undefined {
    const name = apiNameOf(key);
    if (name === undefined) return undefined;
    let traffic = this.#byApi.get(name);
    if (!traffic) {
      traffic = { requests: 0, bytesIn: 0, bytesOut: 0 };
      this.#byApi.set(name, traffic);
    }
    return traffic;
  }
}
