package io.handfast.proxy.server;

import io.handfast.proxy.accesslog.AccessLogWriter;
import io.handfast.proxy.accesslog.InvalidFormatException;
import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.ListenerConfig;
import io.handfast.proxy.http.AccessLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Opens the access logs of listeners. Stateless. */
final class AccessLogs {

  private AccessLogs() {}

  /**
   * Opens them.
   *
   * @throws UncheckedIOException naming the listener, if a file cannot be opened
   */
  static List<AccessLog> open(
      AccessLogWriter writer, List<AccessLogConfig> configs, ListenerConfig listener) {
    return configs.stream().map(config -> open(writer, config, listener)).toList();
  }

  private static AccessLog open(
      AccessLogWriter writer, AccessLogConfig config, ListenerConfig listener) {
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
