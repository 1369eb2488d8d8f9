package io.handfast.proxy.overload;

import io.handfast.proxy.config.overload.OverloadConfig.ActionKind;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What is to be done less of now. Thread-safe: a flag each, written by the manager; a question
 * costs one read.
 */
public final class OverloadState {
  private final AtomicLong connections = new AtomicLong();
  private volatile long maxConnections = Long.MAX_VALUE;
  private volatile boolean keepAliveDisabled;
  private volatile boolean requestsRefused;
  private volatile boolean connectionsRefused;

  /** Whether connections of clients end behind the answer that is under way. */
  public boolean keepAliveDisabled() {
    return keepAliveDisabled;
  }

  /** Whether requests are answered 503. */
  public boolean requestsRefused() {
    return requestsRefused;
  }

  /** Whether connections are closed as they come. */
  public boolean connectionsRefused() {
    return connectionsRefused;
  }

  /** One of the connections that there may be, to be given back if it is granted. */
  public boolean takeConnection() {
    if (connections.incrementAndGet() <= maxConnections) {
      return true;
    }
    connections.decrementAndGet();
    return false;
  }

  /** Gives a connection back. */
  public void returnConnection() {
    connections.decrementAndGet();
  }

  /** How many there are. */
  long connections() {
    return connections.get();
  }

  void maxConnections(long max) {
    maxConnections = max;
  }

  void set(ActionKind kind, boolean active) {
    switch (kind) {
      case SHRINK_HEAP -> {} // is done once in a while, and asked by nobody
      case DISABLE_HTTP_KEEPALIVE -> keepAliveDisabled = active;
      case STOP_ACCEPTING_REQUESTS -> requestsRefused = active;
      case REJECT_INCOMING_CONNECTIONS -> connectionsRefused = active;
    }
  }
}
