package io.handfast.proxy.postgres.sql;

import org.jspecify.annotations.Nullable;

/**
 * One statement of a text. Immutable; does not hold the text. Places are bytes, from 0.
 *
 * @param command what it is
 * @param from where its first token begins in the array that was read, behind comments
 * @param to where its last token ends; the semicolon is none of it
 * @param what for people: the command and its object, such as {@code UPDATE accounts}; no values
 * @param effect whether it writes
 * @param data whether what its comments name is what its block belongs to. False for what pools and
 *     drivers send for themselves: transaction control, settings, and a SELECT of constants
 * @param obstacle why PostgreSQL cannot prepare a block with it, as far as the text tells
 */
public record SqlStatement(
    SqlCommand command,
    int from,
    int to,
    String what,
    SqlEffect effect,
    boolean data,
    @Nullable SqlObstacle obstacle) {}
