package io.handfast.proxy.accesslog;

import io.handfast.proxy.config.AccessLogConfig;
import io.handfast.proxy.config.AccessLogConfig.Filter;
import io.handfast.proxy.config.AccessLogConfig.Sink;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Stats;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the records of all access logs with one thread.
 *
 * <p>Bounds: {@link #MAX_QUEUED_CHARS} characters wait at most, what comes on top is dropped and
 * counted in {@code access_log.dropped}; a record stands in its file at most {@link
 * #FLUSH_INTERVAL} after its stream's end, unless the disk is slower. Several logs of one file
 * share it.
 *
 * <p>Thread-safe. An event loop that logs takes no lock and wakes nobody.
 */
public final class AccessLogWriter implements AutoCloseable {

  /** What may wait for the disk. */
  static final long MAX_QUEUED_CHARS = 8L << 20;

  private static final Duration FLUSH_INTERVAL = Duration.ofMillis(50);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
  private static final Logger LOG = LoggerFactory.getLogger(AccessLogWriter.class);

  private record Line(LogFile file, String text) {}

  private final Queue<Line> queue = new ConcurrentLinkedQueue<>();
  private final AtomicLong queuedChars = new AtomicLong();
  private final Map<Sink, LogFile> files = new ConcurrentHashMap<>();
  private final Counter written;
  private final Counter dropped;
  private final Counter failed;
  private final Thread thread;
  private volatile boolean reopenAsked;
  private volatile boolean closed;

  /** Starts the thread. */
  public AccessLogWriter(Stats stats) {
    written = stats.counter("access_log.written");
    dropped = stats.counter("access_log.dropped");
    failed = stats.counter("access_log.write_failed");
    thread = Thread.ofPlatform().name("access-log").daemon().start(this::run);
  }

  /**
   * Opens an access log.
   *
   * @throws InvalidFormatException if the format is wrong
   * @throws IOException if the file cannot be opened
   */
  public AccessLog open(AccessLogConfig config) throws InvalidFormatException, IOException {
    LogFormat format = LogFormat.compile(config.format());
    LogFile file = files.get(config.sink());
    if (file == null) {
      LogFile opened = LogFile.open(config.sink());
      file = files.putIfAbsent(config.sink(), opened);
      if (file == null) {
        file = opened;
      } else {
        opened.close();
      }
    }
    LogFile target = file;
    Filter filter = config.filter().orElse(null);
    return (info, request, response, trailers) -> {
      LogRecord log = new LogRecord(info, request, response, trailers);
      if (filter == null || RecordFilter.passes(filter, log)) {
        StringBuilder text = new StringBuilder(256);
        format.append(log, text);
        enqueue(new Line(target, text.toString()));
      }
    };
  }

  private void enqueue(Line line) {
    if (queuedChars.get() > MAX_QUEUED_CHARS || closed) {
      dropped.inc();
      return;
    }
    queuedChars.addAndGet(line.text().length());
    queue.add(line);
  }

  /** Opens all files anew before the next record, after they were moved away. */
  public void reopen() {
    reopenAsked = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (true) {
      boolean last = closed;
      if (reopenAsked) {
        reopenAsked = false;
        files.values().forEach(this::reopen);
      }
      writeQueued();
      if (last) {
        files.values().forEach(LogFile::close);
        return;
      }
      if (queue.isEmpty() && !reopenAsked && !closed) {
        LockSupport.parkNanos(this, FLUSH_INTERVAL.toNanos());
      }
    }
  }

  private void writeQueued() {
    boolean any = false;
    for (Line line = queue.poll(); line != null; line = queue.poll()) {
      queuedChars.addAndGet(-line.text().length());
      any = true;
      try {
        line.file().write(line.text().getBytes(StandardCharsets.UTF_8));
        written.inc();
      } catch (IOException e) {
        reportOnce(line.file(), e);
      }
    }
    if (any) {
      for (LogFile file : files.values()) {
        try {
          file.flush();
        } catch (IOException e) {
          reportOnce(file, e);
        }
      }
    }
  }

  private void reopen(LogFile file) {
    try {
      file.reopen();
    } catch (IOException e) {
      reportOnce(file, e);
    }
  }

  /** One line for a disk that stays full, not one per record. */
  private void reportOnce(LogFile file, IOException e) {
    failed.inc();
    if (file.markFailed()) {
      LOG.warn(
          "access log cannot be written, records are lost: file={} reason={}",
          file.name(),
          e.getMessage());
    }
  }

  /** Writes what waits and closes the files. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
