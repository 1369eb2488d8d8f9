package io.handfast.proxy.accesslog;

import io.handfast.proxy.config.AccessLogConfig.Sink;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file, or a stream of this process, that records are appended to. Confined to the writer's
 * thread once opened.
 */
final class LogFile {

  private static final int BUFFER_BYTES = 64 << 10;

  private interface Opener {
    OutputStream open() throws IOException;
  }

  private final String name;
  private final Opener opener;
  private final boolean ownsStream;
  private OutputStream out;
  private boolean failed;

  private LogFile(String name, Opener opener, boolean ownsStream) throws IOException {
    this.name = name;
    this.opener = opener;
    this.ownsStream = ownsStream;
    this.out = new BufferedOutputStream(opener.open(), BUFFER_BYTES);
  }

  static LogFile open(Sink sink) throws IOException {
    return switch (sink) {
      case Sink.File file -> new LogFile(file.path(), () -> append(Path.of(file.path())), true);
      case Sink.Stdout ignored -> new LogFile("stdout", () -> System.out, false);
      case Sink.Stderr ignored -> new LogFile("stderr", () -> System.err, false);
    };
  }

  private static OutputStream append(Path path) throws IOException {
    try {
      return Files.newOutputStream(path, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (NoSuchFileException e) {
      throw new IOException(path + ": its directory does not exist (expected: an existing one)", e);
    }
  }

  String name() {
    return name;
  }

  void write(byte[] text) throws IOException {
    out.write(text);
  }

  void flush() throws IOException {
    out.flush();
    failed = false;
  }

  /** Says whether this failure is the first since something was written. */
  boolean markFailed() {
    boolean first = !failed;
    failed = true;
    return first;
  }

  void reopen() throws IOException {
    if (ownsStream) {
      OutputStream next = new BufferedOutputStream(opener.open(), BUFFER_BYTES);
      close();
      out = next;
    }
  }

  void close() {
    try {
      out.flush();
      if (ownsStream) {
        out.close();
      }
    } catch (IOException e) {
      // What could not be written was counted when it was tried; there is nobody left to tell.
      failed = true;
    }
  }
}
