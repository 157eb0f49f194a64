/** Entries of Kafka's access lists, for tests with users who may not do everything. */
import { type AclEntry, AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';

export { AclOperationTypes, AclResourceTypes };

/** Settings of a broker with access lists, at whose plain door anybody may do everything. */
export const ACCESS_LISTS = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};

/** What of this name, or of names that begin so (`isPrefix`), a user may do, or may not (`isDenied`). */
export const accessList = (
  user: string,
  resourceType: AclResourceTypes,
  resourceName: string,
  operations: readonly AclOperationTypes[],
  { isPrefix = false, isDenied = false }: { isPrefix?: boolean; isDenied?: boolean } = {},
): AclEntry[] =>
  operations.map((operation) => ({
    resourceType,
    resourceName,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    principal: `User:${user}`,
    host: '*',
    operation,
    permissionType: isDenied ? AclPermissionTypes.DENY : AclPermissionTypes.ALLOW,
  }));
