package io.handfast.demo.story;

import io.handfast.demo.story.Story.Played;
import io.handfast.demo.town.Home;
import io.handfast.demo.town.Kind;
import io.handfast.demo.town.Ports;
import io.handfast.demo.town.Town;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Plays acts in a town of their own, every service and sidecar a process, and says nothing. */
final class Stage {
  private Stage() {}

  static List<Played> play(Kind kind, List<Act> acts)
      throws IOException, SQLException, InterruptedException {
    try (Ports.Choice choice = Ports.choose()) {
      Town town = Town.layOut(home(), choice.ports(), kind);
      try {
        town.start();
        Story story = new Story(town, silent());
        story.rehearse();
        return story.tell(acts);
      } finally {
        town.tearDown();
      }
    }
  }

  /** The checkout, with everything built; nothing has been trained. */
  static Home home() throws IOException {
    Path root = Path.of(System.getProperty("basedir", ""), "../..").toAbsolutePath().normalize();
    return Home.at(root, Optional.empty(), Optional.empty());
  }

  static Terminal silent() {
    return new Terminal(
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false);
  }
}
