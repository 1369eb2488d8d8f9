package io.handfast.tx.port;

import io.handfast.tx.core.PeerIdentity;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is at the other end of the control service, as far as it has proved that. Immutable. */
public sealed interface Peer {

  /** Nobody proves anything: everybody is taken at his word. */
  record Unproved() implements Peer {
    @Override
    public String toString() {
      return "a peer that proves nothing";
    }
  }

  /**
   * A verified certificate names it.
   *
   * @param identities all that are named; empty if there are none
   */
  record Proved(Set<PeerIdentity> identities) implements Peer {
    public Proved {
      identities = Set.copyOf(identities);
    }

    @Override
    public String toString() {
      return identities.isEmpty() ? "a peer without a name" : identities.toString();
    }
  }

  /**
   * Whether it is the one that was recorded (T20).
   *
   * @param recorded null if nobody was: what was recorded where peers prove nothing
   */
  default boolean is(@Nullable PeerIdentity recorded) {
    return switch (this) {
      case Unproved _ -> true;
      case Proved proved -> recorded == null || proved.identities().contains(recorded);
    };
  }
}
