package io.handfast.demo.story;

import java.io.IOException;

/**
 * One act of the story.
 *
 * @param title for the heading and the table
 * @param script what happens
 */
record Act(String title, Script script) {

  /** What happens in an act. */
  interface Script {
    void play(Scene scene) throws IOException, InterruptedException;
  }
}
