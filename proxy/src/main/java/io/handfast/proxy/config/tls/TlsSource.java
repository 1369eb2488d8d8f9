package io.handfast.proxy.config.tls;

import java.nio.file.Path;

/**
 * Where a certificate, key or password comes from ({@code envoy.config.core.v3.DataSource}). What
 * is inline may be secret, so {@code toString} does not tell it.
 */
public sealed interface TlsSource {

  /** For people: names the source, never its content. */
  String title();

  /** It stands in the configuration itself. */
  record Inline(String content) implements TlsSource {
    @Override
    public String title() {
      return "inline";
    }

    @Override
    public String toString() {
      return title();
    }
  }

  /** A file, read when the context is made and again whenever it changes. */
  record File(Path path) implements TlsSource {
    @Override
    public String title() {
      return path.toString();
    }
  }

  /** A secret of a control plane that is not there: nothing can be secured until it is. */
  record Secret(String name) implements TlsSource {
    @Override
    public String title() {
      return "secret " + name;
    }
  }

  /** A variable of the process's environment. */
  record Variable(String name) implements TlsSource {
    @Override
    public String title() {
      return "environment variable " + name;
    }
  }
}
