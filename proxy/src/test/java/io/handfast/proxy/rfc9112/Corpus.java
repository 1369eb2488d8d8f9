package io.handfast.proxy.rfc9112;

import java.util.List;
import java.util.stream.Stream;

/** All cases. */
final class Corpus {
  private static final List<String> FILES =
      List.of(
          "request-line.txt",
          "fields.txt",
          "host.txt",
          "framing.txt",
          "chunked.txt",
          "connection.txt",
          "paths.txt",
          "responses.txt");

  private Corpus() {}

  static List<CorpusCase> all() {
    return FILES.stream().flatMap(Corpus::read).toList();
  }

  private static Stream<CorpusCase> read(String file) {
    return CorpusReader.file(file).stream();
  }
}
