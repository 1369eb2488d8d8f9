package io.handfast.k8s.controlplane;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a control plane listens, and how.
 *
 * @param address of its clients; port 0: any
 * @param tls empty: in the clear
 */
public record ServerSettings(InetSocketAddress address, Optional<Tls> tls) {

  /**
   * Certificates, read again when their files change.
   *
   * @param certificate PEM, the leaf first
   * @param privateKey PEM
   * @param clientCa PEM of those who may vouch for clients; empty: any client may come
   */
  public record Tls(Path certificate, Path privateKey, Optional<Path> clientCa) {}
}
