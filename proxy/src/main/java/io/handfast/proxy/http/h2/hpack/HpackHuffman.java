package io.handfast.proxy.http.h2.hpack;

import java.util.Arrays;

/**
 * Strings in HPACK's Huffman code (RFC 7541 appendix B). The code is canonical: shorter codes come
 * first, and those of a length in the order of their symbols; so lengths say it all. Pure.
 */
final class HpackHuffman {
  /** Of each byte and of the end, which is none: {@code A} is 5 bits, {@code B} 6, and so on. */
  private static final String LENGTHS =
      "ISXXXXXXXTZXXZXXXXXXXXZXXXXXXXXXBFFHIBDGFFDGDBBBAAABBBBBBBCDKBHF"
          + "IBCCCCCCCCCCCCCCCCCCCCCCDCDIOIJBKABABABBBACCBBBABCBAABCCCCCKGJIX"
          + "PRPPRRRSRSSSSSTSTTRSTSSSSQRSRSSTRQPRRSSQSRRTQRSSQQRQSRSSPRRRSRRS"
          + "VVPORSRUVVVWWVTUOQVWWVWTQQVVXWWWPTPQRQQSRRUUTTVSVWVVWWWWWXWWWWWV"
          + "Z";

  private static final int SHORTEST = 5;
  private static final int LONGEST = 30;
  private static final int END = 256;

  /** Codes of up to so many bits are looked up at once. */
  private static final int QUICK_BITS = 8;

  /** By the next bits: the symbol and behind it, in 4 bits, its length; 0: a longer code. */
  private static final short[] QUICK = new short[1 << QUICK_BITS];

  /** Symbols by their codes. */
  private static final short[] SYMBOLS = new short[END + 1];

  /** By length: the first code, the number of codes, and where their symbols stand. */
  private static final int[] FIRST = new int[LONGEST + 1];

  private static final int[] COUNT = new int[LONGEST + 1];
  private static final int[] OFFSET = new int[LONGEST + 1];

  static {
    int code = 0;
    int place = 0;
    for (int length = SHORTEST; length <= LONGEST; length++) {
      FIRST[length] = code;
      OFFSET[length] = place;
      for (int symbol = 0; symbol <= END; symbol++) {
        if (LENGTHS.charAt(symbol) - 'A' + SHORTEST == length) {
          if (length <= QUICK_BITS) {
            int from = code << (QUICK_BITS - length);
            int to = (code + 1) << (QUICK_BITS - length);
            Arrays.fill(QUICK, from, to, (short) ((symbol << 4) | length));
          }
          SYMBOLS[place++] = (short) symbol;
          code++;
        }
      }
      COUNT[length] = place - OFFSET[length];
      code <<= 1;
    }
  }

  private HpackHuffman() {}

  /** How many bytes a string of so many bytes has at most. */
  static int mostBytes(int encoded) {
    return encoded * 8 / SHORTEST + 1;
  }

  /**
   * Decodes a string.
   *
   * @param out with room for {@link #mostBytes}
   * @return how many bytes it has; -1: it is not in the code
   */
  static int decode(byte[] in, int from, int to, byte[] out) {
    long bits = 0;
    int have = 0;
    int at = from;
    int written = 0;
    while (true) {
      while (have <= 48 && at < to) {
        bits = (bits << 8) | (in[at++] & 0xff);
        have += 8;
      }
      // The next 32 bits, with ones behind the end as the rest of the last byte has.
      int next =
          have >= 32
              ? (int) (bits >>> (have - 32))
              : (int) ((bits << (32 - have)) | ((1L << (32 - have)) - 1));
      int quick = QUICK[next >>> (32 - QUICK_BITS)];
      int length = quick == 0 ? length(next) : quick & 0xf;
      if (length > have) {
        boolean padding = have < 8 && next == -1;
        return padding ? written : -1;
      }
      int symbol = quick == 0 ? symbol(next, length) : quick >> 4;
      if (symbol == END) {
        return -1;
      }
      out[written++] = (byte) symbol;
      have -= length;
    }
  }

  private static int length(int next) {
    int length = QUICK_BITS + 1;
    while ((next >>> (32 - length)) - FIRST[length] >= COUNT[length]) {
      length++;
    }
    return length;
  }

  private static int symbol(int next, int length) {
    return SYMBOLS[OFFSET[length] + (next >>> (32 - length)) - FIRST[length]];
  }
}
