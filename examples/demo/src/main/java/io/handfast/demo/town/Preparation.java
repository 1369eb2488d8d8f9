package io.handfast.demo.town;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the launcher runs once for each build, so that the demo starts sooner: has PostgreSQL ready
 * and the bank's services write an AOT cache. {@code handfast.home} names the checkout.
 */
public final class Preparation {
  private static final long PATIENCE_SECONDS = 120;

  private Preparation() {}

  /** Writes the cache that the one argument names; exits with status 1 if it cannot. */
  public static void main(String[] args) throws Exception {
    Path root = Path.of(System.getProperty("handfast.home", ".")).toAbsolutePath().normalize();
    Path directory = Files.createTempDirectory("handfast-preparation-");
    boolean done = false;
    try {
      done = run(Home.at(root, Optional.empty(), Optional.empty()), directory, Path.of(args[0]));
    } finally {
      TemporaryDirectory.delete(directory);
    }
    System.exit(done ? 0 : 1);
  }

  private static boolean run(Home home, Path directory, Path cache)
      throws IOException, SQLException, InterruptedException {
    List<String> databases = Town.DATABASES;
    Postgres.prepare(home.postgresBinaries(), databases);
    try (Postgres server =
        Postgres.start(home.postgresBinaries(), directory.resolve("postgres"), databases)) {
      List<String> urls = databases.stream().map(server::jdbcUrl).toList();
      Process training = new ProcessBuilder(home.training(cache, urls)).inheritIO().start();
      try {
        return training.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)
            && training.exitValue() == 0
            && Files.isRegularFile(cache);
      } finally {
        training.descendants().forEach(ProcessHandle::destroyForcibly);
        training.destroyForcibly();
      }
    }
  }
}
