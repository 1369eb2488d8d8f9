package io.handfast.proxy.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.LoggerFactory;

/**
 * Hears what the data path logs as a bug of its own: a connection that met one is closed, and
 * nobody else would tell. Confined to one thread, but for what is logged.
 */
public final class BugWatch extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final Logger logger = (Logger) LoggerFactory.getLogger("io.handfast.proxy");
  private final List<String> bugs = new ArrayList<>();

  /** Listens until it is closed. */
  public BugWatch() {
    setContext(logger.getLoggerContext());
    start();
    logger.addAppender(this);
  }

  @Override
  protected synchronized void append(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      IThrowableProxy cause = event.getThrowableProxy();
      bugs.add(
          event.getFormattedMessage()
              + (cause == null ? "" : "\n" + ThrowableProxyUtil.asString(cause)));
    }
  }

  /** Fails if a bug was logged. */
  @Override
  public void close() {
    logger.detachAppender(this);
    if (!bugs.isEmpty()) {
      throw new AssertionError("logged as a bug: " + String.join("\n", bugs));
    }
  }
}
