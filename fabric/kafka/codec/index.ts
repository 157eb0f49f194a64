export {
  APIS,
  type ApiName,
  apiNameOf,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
} from './apis';
export { ByteReader, ByteWriter } from './bytes';
export { KAFKA_ERROR, type KafkaErrorCode, kafkaErrorName } from './error-codes';
export {
  FRAME_SIZE_BYTES,
  type RequestHeader,
  readCorrelationId,
  readRequestBody,
  readRequestHeader,
  readResponse,
  writeRequest,
  writeResponse,
} from './frames';
export { CONFIG_OPERATION, CONFIG_SOURCE, RESOURCE_TYPE } from './messages-cluster';
