/* The limit: what this machine allows a dialer that decides nothing.
 *
 * It has the luck, the digest, the results in memory, a calendar by the second and records of 32 bytes, as the compiled
 * engine has them; but one queue, in the order in which numbers fall due, no windows, no priorities and no timeline. So
 * it makes other calls than our engines: only its speed counts. Usage: limit INPUT; prints `calls digest seconds`.
 */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef uint64_t u64;
typedef int64_t i64;
typedef uint32_t u32;

static const u64 GOLDEN = 0x9E3779B97F4A7C15ull, MIX_A = 0xBF58476D1CE4E5B9ull, MIX_B = 0x94D049BB133111EBull;

enum { RING = 1 << 14, CHUNK = 64, COMPLETED = 0, EXHAUSTED = 1 };

static inline u64 mixed(u64 z) {
    z = (z ^ (z >> 30)) * MIX_A;
    z = (z ^ (z >> 27)) * MIX_B;
    return z ^ (z >> 31);
}

typedef struct {
    u64 identity;
    u32 row, attempts;
    i64 due, unused;
} Record;

typedef struct {
    u32 first_call, last_call, reached, ended, last;
} Result;

typedef struct {  /* the records of a second, in the order in which they were filed */
    Record *records;
    u32 count, size;
} Second;

static void *read_array(FILE *file, size_t width, u64 *size) {
    if (fread(size, 8, 1, file) != 1) exit(3);
    void *values = aligned_alloc(64, (*size * width + 63) / 64 * 64 + 64);
    if (*size && fread(values, width, *size, file) != *size) exit(3);
    return values;
}

static void *pages(size_t bytes) {
    void *found = aligned_alloc(1 << 21, (bytes + (1 << 21) - 1) >> 21 << 21);
    if (!found) exit(4);
    madvise(found, bytes, MADV_HUGEPAGE);
    return found;
}

static double now_seconds(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec * 1e-9;
}

int main(int count, char **arguments) {
    FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
    if (!file) return 2;
    u64 size, rows;
    i64 *scalars = read_array(file, 8, &size);
    const i64 start = scalars[0], finish = scalars[1], lines = scalars[2], retry = scalars[3], series = scalars[4];
    const u64 seed_word = (u64)scalars[5], table_size = (u64)scalars[6];
    const i64 outcomes = scalars[7];
    u64 *identities = read_array(file, 8, &rows);
    free(read_array(file, 4, &size));               /* window classes */
    free(read_array(file, 1, &size));               /* priorities */
    u64 *thresholds = read_array(file, 8, &size);   /* [hour of the week, outcome] */
    u32 *durations = read_array(file, 4, &size);    /* [outcome, quantile] */
    int8_t *retries = read_array(file, 1, &size);
    fclose(file);

    double began = now_seconds();
    Result *results = pages(rows * sizeof(Result));
    memset(results, 0xFF, rows * sizeof(Result));
    Second *ring = calloc(RING, sizeof(Second));
    u32 *freed = calloc(RING, sizeof(u32));
    u64 places = 1;
    while (places < rows) places *= 2;
    Record *queue = pages(places * sizeof(Record)); /* those that are due again, a ring */
    Record *batch = malloc((size_t)lines * sizeof(Record));
    u64 head = 0, tail = 0, fresh = 0, calls = 0, digest = 0;
    i64 in_use = 0;

    for (i64 time = 0; time < finish - start; time++) {
        u64 slot = (u64)time & (RING - 1);
        in_use -= freed[slot];
        freed[slot] = 0;
        Second *due = &ring[slot];
        for (u32 each = 0; each < due->count; each++) queue[tail++ & (places - 1)] = due->records[each];
        due->count = 0;

        /* choose */
        i64 chosen = 0;
        while (in_use + chosen < lines && (fresh < rows || head < tail)) {
            Record *record = &batch[chosen++];
            if (fresh < rows)
                *record = (Record){identities[fresh], (u32)fresh, 0, 0, 0}, fresh++;
            else
                *record = queue[head++ & (places - 1)];
            __builtin_prefetch(&results[record->row], 1);
        }
        in_use += chosen;
        calls += (u64)chosen;

        /* play */
        const u64 *chances = &thresholds[(((start + time) / 3600 - 96) % 168) * outcomes];
        for (i64 each = 0; each < chosen; each++) {
            Record record = batch[each];
            Result *result = &results[record.row];
            record.attempts++;
            u64 bits = mixed(mixed(record.identity ^ seed_word) + record.attempts * 4 * GOLDEN);
            i64 outcome = 0;
            for (i64 other = 0; other < outcomes - 1; other++) outcome += (bits >> 32) >= chances[other];
            u64 seconds = durations[(u64)outcome * table_size + ((bits & 0xFFFFFFFFull) * table_size >> 32)];
            i64 end = time + (i64)seconds;
            u64 word = seconds << 32 | (u64)record.attempts << 8 | (u64)outcome;
            digest += mixed(record.identity * GOLDEN + (u64)(start + time) * MIX_A + word * MIX_B);
            if (record.attempts == 1) result->first_call = (u32)time;
            result->last_call = (u32)time;
            result->last = record.attempts << 8 | (u32)outcome;
            if (outcome == 0) result->reached = (u32)time;
            freed[end & (RING - 1)]++;
            if (!retries[outcome] || record.attempts >= series) {
                result->ended = (u32)end << 2 | (retries[outcome] ? EXHAUSTED : COMPLETED);
                continue;
            }
            record.due = end + retry;
            Second *target = &ring[record.due & (RING - 1)];
            if (target->count == target->size) {
                target->size = target->size ? target->size * 2 : CHUNK;
                target->records = realloc(target->records, target->size * sizeof(Record));
            }
            target->records[target->count++] = record;
        }
    }
    double seconds = now_seconds() - began;
    for (u64 row = 0; row < rows; row++) digest += results[row].ended;
    printf("%llu %llu %.6f\n", (unsigned long long)calls, (unsigned long long)digest, seconds);
    return 0;
}
