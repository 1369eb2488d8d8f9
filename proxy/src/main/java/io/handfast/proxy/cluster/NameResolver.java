package io.handfast.proxy.cluster;

import io.handfast.proxy.config.ClusterConfig.DnsLookupFamily;
import java.net.InetAddress;
import java.util.List;

/** Resolves names without blocking. Thread-safe. */
public interface NameResolver {

  /**
   * Resolves a name, or parses a literal; the answer comes on any thread, once. Whatever goes wrong
   * is an answer as well, and nothing is thrown: who asks counts the answers.
   */
  void resolve(String name, DnsLookupFamily family, Callback callback);

  /** What came of it. */
  interface Callback {
    /** All addresses of the name, at least one. */
    void onAddresses(List<InetAddress> addresses);

    /**
     * There is no address, or nobody answered.
     *
     * @param reason a short sentence for logs
     */
    void onFailure(String reason);
  }
}
