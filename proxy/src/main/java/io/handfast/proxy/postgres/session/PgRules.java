package io.handfast.proxy.postgres.session;

/**
 * What the configuration says about a service's connections.
 *
 * @param database the database's name in the configuration of the transaction manager
 * @param mandatory whether a statement that writes, and COMMIT of what was written, is refused
 *     where nothing names a branch; else it is the service's own
 */
public record PgRules(String database, boolean mandatory) {}
