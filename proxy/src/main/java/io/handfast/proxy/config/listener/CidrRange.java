package io.handfast.proxy.config.listener;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * A range of addresses of one family ({@code envoy.config.core.v3.CidrRange}). Immutable.
 *
 * @param address the first of the range: bits behind the prefix are zero
 * @param length of the prefix in bits: 0 to 32, of IPv6 to 128
 */
public record CidrRange(InetAddress address, int length) {

  public CidrRange {
    int bits = address.getAddress().length * 8;
    if (length < 0 || length > bits) {
      throw new IllegalArgumentException(
          "prefix_len: " + Integer.toUnsignedString(length) + " (expected: 0 to " + bits + ")");
    }
    address = masked(address, length);
  }

  /** The address with all bits behind the prefix zero. */
  static InetAddress masked(InetAddress address, int length) {
    byte[] bytes = address.getAddress();
    for (int i = 0; i < bytes.length; i++) {
      int kept = Math.clamp(length - i * 8L, 0, 8);
      bytes[i] &= (byte) (0xff00 >> kept);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of another length than it had", e);
    }
  }

  /** {@code 10.0.0.0/8}. */
  @Override
  public String toString() {
    return address.getHostAddress() + "/" + length;
  }
}
