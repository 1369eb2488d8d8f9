package io.handfast.proxy.crash;

import java.util.Optional;

/**
 * What a client was told.
 *
 * @param status of the answer; -1 where the connection broke
 * @param outcome the header {@code tx-outcome}
 * @param closes whether the answer was the connection's last
 */
public record Told(int status, Optional<String> outcome, boolean closes, String body) {
  public static Told nothing(String why) {
    return new Told(-1, Optional.empty(), true, why);
  }

  public boolean committed() {
    return status / 100 == 2 || outcome.equals(Optional.of("committed"));
  }

  public boolean aborted() {
    return outcome.equals(Optional.of("aborted"));
  }
}
