export interface PostgresAddress {
  host: string;
  port: number;
  database: string;
  user: string;
}

export interface PostgresConnection extends PostgresAddress {
  /** Of the user; a function is asked at each new connection, so that a changed password is picked up. */
  password?: string | (() => Promise<string>);
  /** TLS; `ca`: the PEM of the authority of its certificate instead of the system's. Absent: no TLS. */
  tls?: { ca?: string };
}

export interface PostgresTablesOptions extends PostgresConnection {
  /** Names the schema, `fieldline_<mission>`. */
  mission: string;
  /** Connections at most. Default 10. */
  connectionsMax?: number;
}
