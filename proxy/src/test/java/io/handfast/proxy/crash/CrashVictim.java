package io.handfast.proxy.crash;

/** A program for {@link CrashHookTest} to kill. Tells what it has done, line by line. */
final class CrashVictim {
  private CrashVictim() {}

  public static void main(String[] args) {
    for (int round = 1; round <= 3; round++) {
      work(round);
      System.out.println("after " + round);
    }
  }

  private static void work(int round) {
    System.out.println("in " + round);
  }
}
