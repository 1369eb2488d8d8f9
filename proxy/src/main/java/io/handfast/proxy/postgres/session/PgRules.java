package io.handfast.proxy.postgres.session;

import java.util.Set;

/**
 * What the configuration says about a service's connections.
 *
 * @param database the database's name in the configuration of the transaction manager
 * @param mandatory whether a statement that writes, and COMMIT of what was written, is refused
 *     where nothing names a branch; else it is the service's own
 * @param user the role by which the sidecar completes what is prepared; empty: not known, and so
 *     nothing is held against it
 * @param roles whose prepared transactions it completes besides
 */
public record PgRules(String database, boolean mandatory, String user, Set<String> roles) {
  public PgRules {
    roles = Set.copyOf(roles);
  }

  /** Whether what that role owns can be completed whatever the database says of {@code user}. */
  boolean completes(String owner) {
    return user.isEmpty() || owner.equals(user) || roles.contains(owner);
  }
}
