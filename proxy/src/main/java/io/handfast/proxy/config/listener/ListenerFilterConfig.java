package io.handfast.proxy.config.listener;

import java.util.List;

/** A filter that runs before the filter chain is chosen. Immutable. */
public sealed interface ListenerFilterConfig {

  /** Connections that it leaves alone. */
  Disabled disabled();

  /**
   * Finds the address that a connection had before the kernel redirected it.
   *
   * @param disabled connections that it leaves alone
   */
  record OriginalDst(Disabled disabled) implements ListenerFilterConfig {}

  /**
   * Reads server name and application protocols from a ClientHello.
   *
   * @param disabled connections that it leaves alone
   */
  record TlsInspector(Disabled disabled) implements ListenerFilterConfig {}

  /**
   * Tells HTTP by the first bytes.
   *
   * @param disabled connections that it leaves alone
   */
  record HttpInspector(Disabled disabled) implements ListenerFilterConfig {}

  /** {@code envoy.config.listener.v3.ListenerFilterChainMatchPredicate}. */
  sealed interface Disabled {

    /** For no connection. */
    Disabled NEVER = new Any(List.of());

    /** Whether it is, for a connection to that port; 0 where there are no ports. */
    boolean matches(int destinationPort);

    /** One of them says so. */
    record Any(List<Disabled> rules) implements Disabled {
      public Any {
        rules = List.copyOf(rules);
      }

      @Override
      public boolean matches(int destinationPort) {
        return rules.stream().anyMatch(rule -> rule.matches(destinationPort));
      }
    }

    /** All of them say so; of none that is always. */
    record All(List<Disabled> rules) implements Disabled {
      public All {
        rules = List.copyOf(rules);
      }

      @Override
      public boolean matches(int destinationPort) {
        return rules.stream().allMatch(rule -> rule.matches(destinationPort));
      }
    }

    /** It does not say so. */
    record Not(Disabled rule) implements Disabled {
      @Override
      public boolean matches(int destinationPort) {
        return !rule.matches(destinationPort);
      }
    }

    /** From the first port up to, but without, the end. */
    record Ports(int start, int end) implements Disabled {
      @Override
      public boolean matches(int destinationPort) {
        return destinationPort >= start && destinationPort < end;
      }
    }
  }
}
