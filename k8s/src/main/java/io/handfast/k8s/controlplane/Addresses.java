package io.handfast.k8s.controlplane;

import java.net.InetSocketAddress;

/** Addresses for people. Pure functions. */
public final class Addresses {

  private Addresses() {}

  /** As one writes it: {@code 127.0.0.1:15010}, {@code [::1]:15010}. */
  public static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
