export { CHECK_CODES, type CheckCode } from './codes';
export { checkKafkaConnect } from './connect';
export { checkKafka } from './kafka';
export { checkPostgres } from './postgres';
export { asCheckFailure } from './reasons';
export { checkAdmin, checkHttp } from './rest';
export { checkS3 } from './s3';
export { type Address, checkUpstream } from './upstream';
