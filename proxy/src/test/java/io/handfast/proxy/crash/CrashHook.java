package io.handfast.proxy.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the process, as {@code kill -9} would, where a woven method begins or returns ({@link
 * CrashJar}). Nothing happens until the file {@code armed} in the directory of {@link #DIRECTORY}
 * names a point, with how often it lets the process pass: {@code POINT PASSES}. A process that dies
 * there has renamed that file to {@code hit}, so that no other death is taken for it. While a file
 * {@code broken} names a point, whoever gets there meets an {@link IOException} instead.
 *
 * <p>Thread-safe.
 */
public final class CrashHook {
  /** What a process killed by SIGKILL reports. */
  static final int KILLED = 137;

  /** The system property that names the directory. */
  static final String DIRECTORY = "handfast.crash";

  private static final String ARMED = "armed";
  private static final String HIT = "hit";
  private static final String BROKEN = "broken";

  private static final AtomicInteger passes = new AtomicInteger();

  private CrashHook() {}

  /**
   * Called by the woven methods: ends the process if this point is the armed one, and fails if it
   * is the broken one.
   */
  public static void reached(String point) {
    Path directory = Path.of(System.getProperty(DIRECTORY, ""));
    if (isBroken(directory, point)) {
      CrashHook.<RuntimeException>fail(new IOException("broken by a test: " + point));
    }
    if (!Files.exists(directory.resolve(ARMED))) {
      return;
    }
    try {
      String[] armed = Files.readString(directory.resolve(ARMED)).split(" ", 2);
      if (armed[0].equals(point) && passes.getAndIncrement() >= Integer.parseInt(armed[1])) {
        Files.move(
            directory.resolve(ARMED), directory.resolve(HIT), StandardCopyOption.REPLACE_EXISTING);
        Runtime.getRuntime().halt(KILLED);
      }
    } catch (NoSuchFileException e) {
      // Disarmed meanwhile: whoever takes the file away first is right.
    } catch (IOException e) {
      // The methods know nothing of this: a surprise here must end the test.
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isBroken(Path directory, String point) {
    try {
      return Files.exists(directory.resolve(BROKEN))
          && Files.readString(directory.resolve(BROKEN)).equals(point);
    } catch (NoSuchFileException e) {
      return false; // mended meanwhile
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The woven methods declare {@link IOException}; the call that is woven in does not. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void fail(Throwable failure) throws E {
    throw (E) failure;
  }

  /**
   * Makes a point deadly, also in a process that runs; once in its life.
   *
   * @param passes how often the point is passed unharmed first
   */
  static void arm(Path directory, CrashPoint point, int passes) throws IOException {
    disarm(directory);
    // Moved into place, so that no process reads half of it.
    Path whole = Files.writeString(directory.resolve("arming"), point + " " + passes);
    Files.move(whole, directory.resolve(ARMED), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Makes a method that may throw {@link IOException} fail until {@link #mend}. */
  static void breakAt(Path directory, CrashPoint point) throws IOException {
    Path whole = Files.writeString(directory.resolve("breaking"), point.toString());
    Files.move(whole, directory.resolve(BROKEN), StandardCopyOption.ATOMIC_MOVE);
  }

  static void mend(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(BROKEN));
  }

  static void disarm(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(ARMED));
    Files.deleteIfExists(directory.resolve(HIT));
  }

  /** Makes the armed point harmless; false if a process is dying there. */
  static boolean spare(Path directory) throws IOException {
    return Files.deleteIfExists(directory.resolve(ARMED));
  }

  /** Whether a process died at the armed point. */
  static boolean hit(Path directory) {
    return Files.exists(directory.resolve(HIT));
  }
}
