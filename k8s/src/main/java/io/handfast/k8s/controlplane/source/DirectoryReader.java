package io.handfast.k8s.controlplane.source;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.EnumSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a directory and of those below it, as they are at one moment. What is hidden
 * is left out, and with it the directories behind a ConfigMap's links, which the links lead to.
 */
final class DirectoryReader {

  static final int MAX_FILES = 10_000;
  static final long MAX_BYTES = 64L << 20;
  static final int MAX_DEPTH = 8;

  /** How often it looks again if files change while it reads them. */
  private static final int MAX_LOOKS = 20;

  private static final Set<String> EXTENSIONS = Set.of("yaml", "yml", "json");

  private final Path root;

  DirectoryReader(Path root) {
    this.root = root;
  }

  /**
   * What there is.
   *
   * @param files contents by name
   * @param directories that these are in
   */
  record Contents(SortedMap<String, ByteString> files, Set<Path> directories) {}

  /** By what a file is known to be the same; two files have different keys. */
  private record Stamp(@Nullable Object key, long size, FileTime modified) {}

  private record Listing(SortedMap<Path, Stamp> files, Set<Path> directories) {}

  /**
   * Reads it.
   *
   * @throws IOException with what is wrong with the directory
   */
  Contents read() throws IOException {
    for (int look = 0; look < MAX_LOOKS; look++) {
      Listing before = list();
      SortedMap<String, ByteString> files = contents(before);
      // What was turned elsewhere while it was read is half of one state and half of another.
      if (list().equals(before)) {
        return new Contents(files, before.directories());
      }
    }
    throw new IOException("its files change all the time (expected: that they rest for a moment)");
  }

  private Listing list() throws IOException {
    SortedMap<Path, Stamp> files = new TreeMap<>();
    Set<Path> directories = new TreeSet<>();
    Files.walkFileTree(
        root,
        EnumSet.of(FileVisitOption.FOLLOW_LINKS),
        MAX_DEPTH,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            if (!directory.equals(root) && isHidden(directory)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            directories.add(directory);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            // A link that leads nowhere is shown as the link: the file is gone.
            if (attributes.isRegularFile() && isResource(file)) {
              files.put(
                  file,
                  new Stamp(
                      attributes.fileKey(), attributes.size(), attributes.lastModifiedTime()));
            }
            if (files.size() > MAX_FILES) {
              throw new IOException("more than " + MAX_FILES + " files (expected: at most that)");
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure)
              throws IOException {
            if (file.equals(root) || !(failure instanceof NoSuchFileException)) {
              throw failure;
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return new Listing(files, directories);
  }

  private static boolean isHidden(Path path) {
    return String.valueOf(path.getFileName()).startsWith(".");
  }

  private static boolean isResource(Path path) {
    String name = String.valueOf(path.getFileName());
    return !isHidden(path) && EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private SortedMap<String, ByteString> contents(Listing listing) throws IOException {
    SortedMap<String, ByteString> contents = new TreeMap<>();
    long left = MAX_BYTES;
    for (Path file : listing.files().keySet()) {
      try (InputStream in = Files.newInputStream(file)) {
        byte[] content = in.readNBytes((int) left + 1);
        left -= content.length;
        if (left < 0) {
          throw new IOException(
              "more than " + MAX_BYTES + " bytes in its files (expected: at most that)");
        }
        contents.put(root.relativize(file).toString(), ByteString.copyFrom(content));
      } catch (NoSuchFileException e) {
        // It went while we looked, which the second look sees.
      }
    }
    return contents;
  }
}
