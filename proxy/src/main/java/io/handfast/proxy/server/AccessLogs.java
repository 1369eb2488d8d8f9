package io.handfast.proxy.server;

import io.handfast.proxy.accesslog.AccessLogWriter;
import io.handfast.proxy.accesslog.InvalidFormatException;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.AccessLog;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Opens the access logs of listeners. Stateless. */
final class AccessLogs {

  private AccessLogs() {}

  /**
   * Opens one.
   *
   * @throws UncheckedIOException naming the listener, if its file cannot be opened
   */
  static AccessLog open(AccessLogWriter writer, AccessLogConfig config, ListenerConfig listener) {
    try {
      return writer.open(config);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "listener " + listener.name() + ": access_log: " + e.getMessage(), e);
    } catch (InvalidFormatException e) {
      throw new IllegalStateException(
          "a format that was accepted cannot be compiled: " + e.getMessage(), e);
    }
  }
}
