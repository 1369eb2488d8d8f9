package io.handfast.proxy.config.compile.address;

import io.handfast.proxy.config.NetworkAddress;
import io.handfast.proxy.config.extension.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * Who has which address to listen at. Listeners that nobody binds are found by their address: it is
 * theirs alone. Confined to the thread that compiles.
 */
public final class AddressClaims {
  private final List<Claim> claims = new ArrayList<>();

  private record Claim(NetworkAddress address, boolean bound, String owner) {
    boolean clashes(Claim other) {
      return (bound && other.bound)
          ? Addresses.clash(address, other.address)
          : address.equals(other.address);
    }
  }

  /** Notes who has an address, whoever else has. */
  public void add(NetworkAddress address, boolean bound, String owner) {
    claims.add(new Claim(address, bound, owner));
  }

  /**
   * The same; whom it belongs to already is an error.
   *
   * @param scope of what has an address
   */
  public void add(NetworkAddress address, boolean bound, String owner, Scope scope) {
    Claim own = new Claim(address, bound, owner);
    for (Claim other : claims) {
      if (own.clashes(other)) {
        scope
            .field("address")
            .error(address, "an address of its own; " + other.owner + " has " + other.address);
      }
    }
    claims.add(own);
  }
}
