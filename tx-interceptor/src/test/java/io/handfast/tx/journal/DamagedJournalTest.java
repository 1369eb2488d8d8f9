package io.handfast.tx.journal;

import static io.handfast.tx.journal.TestJournal.fill;
import static io.handfast.tx.journal.TestJournal.threeRecordsWithoutMark;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.handfast.tx.journal.JournalOpenException.Damaged;
import io.handfast.tx.journal.JournalOpenException.UnsupportedFormat;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a restart refuses to open, and says where it is damaged or missing. */
final class DamagedJournalTest {
  private static final String FIRST = SegmentHeader.fileName(1);

  private final FakeDisk disk = new FakeDisk();

  @Test
  void shouldRefuseWhenHeaderIsBrokenAndRecordsFollow() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark(disk);
    whole[30] ^= 1;

    // When
    disk.damage(FIRST, whole);

    // Then
    assertDamaged(FIRST, 0);
  }

  @Test
  void shouldRefuseWhenRecordInTheMiddleIsDamaged() throws Exception {
    // Given
    byte[] whole = threeRecordsWithoutMark(disk);
    int second = SegmentHeader.BYTES + Frame.HEADER_BYTES + "first".length();
    int third = second + Frame.HEADER_BYTES + "second".length();

    for (int at = second; at < third; at++) {
      // When
      byte[] flipped = whole.clone();
      flipped[at] ^= 4;
      disk.damage(FIRST, flipped);

      // Then
      assertDamaged(FIRST, second);
      assertThat(disk.content(FIRST)).as("nothing was changed").isEqualTo(flipped);
    }
  }

  @Test
  void shouldRefuseWhenLastRecordIsDamagedThatWasToldDurable() throws Exception {
    // Given: the idle writer has marked that all three are durable.
    threeRecordsWithoutMark(disk);
    byte[] marked = disk.content(FIRST);
    int third = marked.length - 2 * Frame.HEADER_BYTES - "third".length();

    // When
    marked[third + Frame.HEADER_BYTES] ^= 1;
    disk.damage(FIRST, marked);

    // Then
    assertDamaged(FIRST, third);
  }

  @Test
  void shouldRefuseWhenSealedSegmentIsDamagedOrShort() throws Exception {
    // Given
    fill(disk, 200);
    byte[] sealed = disk.content(FIRST);

    // When
    byte[] flipped = sealed.clone();
    flipped[sealed.length - 1] ^= 1;
    disk.damage(FIRST, flipped);

    // Then
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining(FIRST)
        .hasMessageContaining("the record is not intact");

    // When
    disk.damage(FIRST, Arrays.copyOf(sealed, sealed.length - 1));

    // Then
    assertDamaged(FIRST, sealed.length - 1L);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void shouldRefuseWhenSegmentIsMissing(int number) throws Exception {
    // Given
    fill(disk, 300);
    assertThat(disk.list()).contains(SegmentHeader.fileName(4));

    // When
    disk.lose(SegmentHeader.fileName(number));

    // Then
    assertDamaged(SegmentHeader.fileName(number), 0);
  }

  @Test
  void shouldRefuseWhenSegmentOfTheLastOpenIsMissing() throws Exception {
    // Given: the second open has sealed the first segment and begun the second.
    fill(disk, 1);
    TestJournal second = new TestJournal(disk.restart());
    second.journal.close();
    FakeDisk next = disk.restart();
    FakeDisk opened = next;
    new TestJournal(opened).journal.close();
    String newest = opened.list().stream().filter(name -> name.endsWith(".seg")).toList().getLast();

    // When
    opened.lose(newest);

    // Then
    assertThatThrownBy(() -> new TestJournal(opened.restart()))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining(newest)
        .hasMessageContaining("missing");
  }

  @Test
  void shouldRefuseWhenAllSegmentsAreMissing() throws Exception {
    // Given
    fill(disk, 1);

    // When
    disk.lose(FIRST);

    // Then
    assertDamaged(FIRST, 0);
  }

  @Test
  void shouldRefuseWhenStoreFileIsMissingOrBrokenAtAnyByte() throws Exception {
    // Given
    fill(disk, 1);
    byte[] store = disk.content(StoreFile.NAME);

    for (int at = 0; at < store.length; at++) {
      // When
      byte[] flipped = store.clone();
      flipped[at] ^= 2;
      disk.damage(StoreFile.NAME, flipped);

      // Then
      assertDamaged(StoreFile.NAME, 0);
    }

    // When
    disk.lose(StoreFile.NAME);

    // Then
    assertDamaged(StoreFile.NAME, 0);
  }

  @Test
  void shouldRefuseSegmentOfAnotherStore() throws Exception {
    // Given
    fill(disk, 1);
    FakeDisk other = new FakeDisk();
    fill(other, 1);
    StoreFile store = StoreFile.read(other);
    new StoreFile(new java.util.UUID(1, 2), store.incarnation(), "", List.of()).write(other);

    // When
    other.damage(FIRST, disk.content(FIRST));

    // Then
    assertThatThrownBy(() -> new TestJournal(other.restart()))
        .isInstanceOf(Damaged.class)
        .hasMessageContaining("of store");
  }

  @Test
  void shouldRefuseNewerFormatInSegmentWithWhatToDo() throws Exception {
    // Given
    fill(disk, 1);
    ByteBuffer content = ByteBuffer.wrap(disk.content(FIRST));
    content.putInt(8, SegmentHeader.FORMAT + 1);
    CRC32C crc = new CRC32C();
    crc.update(content.duplicate().position(0).limit(60));
    content.putInt(60, (int) crc.getValue());

    // When
    disk.damage(FIRST, content.array());

    // Then
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOf(UnsupportedFormat.class)
        .hasMessageContaining("format version 2 (expected: at most 1; start the version");
  }

  @Test
  void shouldRefuseNewerFormatInStoreFileWithWhatToDo() throws Exception {
    // Given
    fill(disk, 1);
    String body = "handfast-journal\nformat 7\nshape unknown\n";
    CRC32C crc = new CRC32C();
    crc.update(body.getBytes(StandardCharsets.US_ASCII));

    // When
    String text = body + "crc32c %08x\n".formatted((int) crc.getValue());
    disk.damage(StoreFile.NAME, text.getBytes(StandardCharsets.US_ASCII));

    // Then
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOfSatisfying(
            UnsupportedFormat.class,
            e -> {
              assertThat(e.found()).isEqualTo(7);
              assertThat(e.supported()).isEqualTo(2);
            });
  }

  private void assertDamaged(String file, long offset) {
    assertThatThrownBy(() -> new TestJournal(disk.restart()))
        .isInstanceOfSatisfying(
            Damaged.class,
            e -> {
              assertThat(e.file()).isEqualTo("fake/" + file);
              assertThat(e.offset()).isEqualTo(offset);
            })
        .hasMessageContaining("nothing was changed");
  }
}
