package io.handfast.demo.town;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** One etcd server, of Debian's package {@code etcd-server} or any other that is on the PATH. */
public final class Etcd {
  private static final String PROGRAM = "etcd";

  private Etcd() {}

  /** Why there can be none; empty where there can. */
  public static String obstacle() {
    boolean there =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .filter(path -> !path.isEmpty())
            .anyMatch(path -> Files.isExecutable(Path.of(path, PROGRAM)));
    return there
        ? ""
        : "no etcd on the PATH (expected: etcd 3.4 or newer; Debian has it as etcd-server)";
  }

  static List<String> command(Ports ports, Path directory) {
    String client = EtcdFiles.url(ports);
    String peers = "http://127.0.0.1:" + (ports.etcd() + 1);
    return List.of(
        PROGRAM,
        "--name=demo",
        "--data-dir=" + directory.resolve("etcd"),
        "--listen-client-urls=" + client,
        "--advertise-client-urls=" + client,
        "--listen-peer-urls=" + peers,
        "--initial-advertise-peer-urls=" + peers,
        "--initial-cluster=demo=" + peers,
        "--log-level=error");
  }
}
