package io.handfast.proxy.config;

import java.nio.charset.StandardCharsets;

/** An address as configured ({@code envoy.config.core.v3.Address}). */
public sealed interface NetworkAddress {

  /**
   * A TCP address ({@code envoy.config.core.v3.SocketAddress}).
   *
   * @param host an IP literal, or for an endpoint of a STRICT_DNS cluster a DNS name; never empty
   * @param port 0 to 65535; 0 lets the kernel choose (listeners only)
   */
  record Tcp(String host, int port) implements NetworkAddress {

    public Tcp {
      Checks.notEmpty("host", host);
      Checks.inRange("port", port, 0, 65_535);
    }

    /** {@code host:port}, an IPv6 literal in brackets. */
    @Override
    public String toString() {
      return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
    }
  }

  /**
   * A Unix socket ({@code envoy.config.core.v3.Pipe}).
   *
   * @param path of its file; with {@code @} in front a name that has no file (Linux's abstract
   *     namespace)
   * @param mode of the file, for one that listens; 0: as the process's umask has it
   */
  record Pipe(String path, int mode) implements NetworkAddress {

    /** What a socket's address has room for, the zero at its end counted. */
    private static final int MAX_BYTES = 108;

    private static final int MAX_MODE = 0777;

    public Pipe {
      Checks.notEmpty("path", path);
      int length = path.getBytes(StandardCharsets.UTF_8).length;
      if (length >= MAX_BYTES || path.indexOf('\0') >= 0) {
        throw new IllegalArgumentException(
            "path: %s, %d bytes (expected: at most %d bytes, none of them zero)"
                .formatted(path.replace('\0', '?'), length, MAX_BYTES - 1));
      }
      if (mode < 0 || mode > MAX_MODE) {
        throw new IllegalArgumentException(
            "mode: %s (expected: 0 to 511, which is 0777)"
                .formatted(Integer.toUnsignedString(mode)));
      }
      if (mode != 0 && isAbstract(path)) {
        throw new IllegalArgumentException(
            "mode: %d (expected: 0; a name with @ in front has no file)".formatted(mode));
      }
    }

    public boolean isAbstract() {
      return isAbstract(path);
    }

    private static boolean isAbstract(String path) {
      return path.charAt(0) == '@';
    }

    /** The path. */
    @Override
    public String toString() {
      return path;
    }
  }
}
