// The peer: a dialer as one would write it by hand in C++, three std::priority_queues and keys renewed lazily.
//
// It follows rules 1 to 7 for what the workload uses (window classes, priorities, lines, retries, luck by local hour) and
// makes the same calls as our engines, which its digest proves. Usage: heap INPUT; prints `calls digest seconds processor-seconds`.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <queue>
#include <vector>

using u64 = std::uint64_t;
using i64 = std::int64_t;
using u32 = std::uint32_t;

static const u64 GOLDEN = 0x9E3779B97F4A7C15ull, MIX_A = 0xBF58476D1CE4E5B9ull, MIX_B = 0x94D049BB133111EBull;

static inline u64 mixed(u64 z) {
    z = (z ^ (z >> 30)) * MIX_A;
    z = (z ^ (z >> 27)) * MIX_B;
    return z ^ (z >> 31);
}

// The part of a call or of an end in the digest (rules 9).
static inline u64 part(u64 identity, i64 at, u64 word) { return mixed(identity * GOLDEN + (u64)at * MIX_A + word * MIX_B); }

enum Ending : std::int8_t { COMPLETED = 0, EXHAUSTED = 1, NEVER_CALLED = 4, CALLBACK = 5, IN_CALL = 6 };

struct Number {
    u64 identity;
    i64 first_call = -1, last_call = -1, ended_at = -1;
    u32 window_class, attempts = 0;
    std::int8_t priority, ending = NEVER_CALLED, outcome = -1;
};

struct Waiting {  // by the instant at which it can first be called
    i64 allowed, due;
    u64 sequence;
    u32 number;
    bool operator<(const Waiting& o) const { return allowed > o.allowed; }
};

struct Ready {  // in the order of rules 5
    i64 allowed, due;
    u64 sequence;
    u32 number;
    std::int8_t priority;
    bool operator<(const Ready& o) const {
        if (priority != o.priority) return priority > o.priority;
        if (allowed != o.allowed) return allowed > o.allowed;
        if (due != o.due) return due > o.due;
        return sequence > o.sequence;
    }
};

struct Running {  // by the end of the call, in the order in which calls began
    i64 end;
    u64 begun;
    u32 number;
    bool operator<(const Running& o) const { return end != o.end ? end > o.end : begun > o.begun; }
};

struct Class {
    std::vector<i64> starts, ends, span_ends, span_offsets;
    size_t window = 0, span = 0;

    // The open window at or after an instant that does not go back; false if there is none.
    bool window_from(i64 instant, i64& start, i64& end) {
        while (window < ends.size() && ends[window] <= instant) window++;
        size_t found = window;
        if (found == ends.size()) return false;
        start = starts[found], end = ends[found];
        return true;
    }
    // The first allowed instant at or after a due one, which may be ahead of the clock.
    i64 next_allowed(i64 due) const {
        size_t found = std::upper_bound(ends.begin() + window, ends.end(), due) - ends.begin();
        return found == ends.size() ? INT64_MAX : std::max(starts[found], due);
    }
    i64 local_hour(i64 instant) {
        while (span_ends[span] <= instant) span++;
        return (instant + span_offsets[span]) / 3600;
    }
};

template <class T> static std::vector<T> read_array(FILE* file) {
    u64 size;
    if (fread(&size, 8, 1, file) != 1) std::exit(3);
    std::vector<T> values(size);
    if (size && fread(values.data(), sizeof(T), size, file) != size) std::exit(3);
    return values;
}

int main(int, char** arguments) {
    FILE* file = fopen(arguments[1], "rb");
    if (!file) return 2;
    auto scalars = read_array<i64>(file);
    const i64 start = scalars[0], finish = scalars[1], lines = scalars[2], retry = scalars[3], series = scalars[4];
    const u64 seed_word = (u64)scalars[5], table_size = (u64)scalars[6];
    const i64 outcomes = scalars[7];
    auto identities = read_array<u64>(file);
    auto number_classes = read_array<u32>(file);
    auto priorities = read_array<std::int8_t>(file);
    auto thresholds = read_array<u64>(file);  // [hour of the week, outcome]
    auto durations = read_array<u32>(file);   // [outcome, quantile]
    auto retries = read_array<std::int8_t>(file);
    auto class_count = read_array<i64>(file)[0];
    std::vector<Class> classes(class_count);
    for (auto& each : classes) {
        each.starts = read_array<i64>(file), each.ends = read_array<i64>(file);
        each.span_ends = read_array<i64>(file), each.span_offsets = read_array<i64>(file);
    }
    fclose(file);

    auto began = std::chrono::steady_clock::now();
    auto clock_began = std::clock();
    std::vector<Number> numbers(identities.size());
    std::vector<Waiting> first;
    first.reserve(numbers.size());
    u64 sequence = 0, begun = 0, digest = 0;
    for (u32 row = 0; row < numbers.size(); row++) {
        auto& number = numbers[row];
        number.identity = identities[row], number.window_class = number_classes[row], number.priority = priorities[row];
        i64 allowed = classes[number.window_class].next_allowed(start);
        if (allowed < finish) first.push_back({allowed, start, sequence, row});
        sequence++;
    }
    std::priority_queue<Waiting> waiting(std::less<Waiting>(), std::move(first));
    std::priority_queue<Ready> ready;
    std::priority_queue<Running> running;
    std::vector<u64> quarter_begun((finish - start) / 900 + 2), quarter_line_seconds(quarter_begun.size());
    i64 in_use = 0;

    for (i64 now = start; now < finish;) {
        while (!running.empty() && running.top().end == now) {
            u32 row = running.top().number;
            running.pop();
            in_use--;
            auto& number = numbers[row];
            if (!retries[number.outcome]) {
                number.ending = COMPLETED, number.ended_at = now;
            } else if (number.attempts < series) {
                i64 due = now + retry, allowed = classes[number.window_class].next_allowed(due);
                if (allowed < finish) waiting.push({allowed, due, sequence, row});
                sequence++;
                number.ending = CALLBACK;
            } else {
                number.ending = EXHAUSTED, number.ended_at = now;
            }
        }
        while (!waiting.empty() && waiting.top().allowed <= now) {
            auto top = waiting.top();
            waiting.pop();
            ready.push({top.allowed, top.due, top.sequence, top.number, numbers[top.number].priority});
        }
        while (in_use < lines && !ready.empty()) {
            auto top = ready.top();
            ready.pop();
            auto& number = numbers[top.number];
            auto& its_class = classes[number.window_class];
            i64 opens, closes;
            if (!its_class.window_from(now, opens, closes)) continue;  // it is never open again
            if (opens > now) {                                         // its window closed: renew its key
                if (opens < finish) waiting.push({opens, top.due, top.sequence, top.number});
                continue;
            }
            if (std::max(top.due, opens) != top.allowed) {  // it closed and opened again meanwhile
                top.allowed = std::max(top.due, opens);
                ready.push(top);
                continue;
            }
            i64 hour = its_class.local_hour(now);
            number.attempts++;
            number.last_call = now;
            if (number.attempts == 1) number.first_call = now;
            u64 key = mixed(number.identity ^ seed_word), bits = mixed(key + number.attempts * 4 * GOLDEN);
            const u64* row = &thresholds[((hour - 96) % 168) * outcomes];
            i64 outcome = 0;
            while (outcome < outcomes - 1 && (bits >> 32) >= row[outcome]) outcome++;
            i64 seconds = durations[outcome * table_size + ((bits & 0xFFFFFFFFull) * table_size >> 32)];
            number.outcome = (std::int8_t)outcome;
            number.ending = IN_CALL;
            running.push({now + seconds, begun, top.number});
            begun++;
            in_use++;
            digest += part(number.identity, now, (u64)seconds << 32 | (u64)number.attempts << 8 | (u64)outcome);
            quarter_begun[(now - start) / 900]++;
        }
        i64 next = finish;
        if (!running.empty()) next = std::min(next, running.top().end);
        if (!waiting.empty()) next = std::min(next, waiting.top().allowed);
        for (i64 from = now; from < next;) {
            i64 until = std::min(next, from / 900 * 900 + 900);
            quarter_line_seconds[(from - start) / 900] += in_use * (until - from);
            from = until;
        }
        now = next;
    }
    for (const auto& number : numbers) digest += part(number.identity, number.ended_at, 1ull << 63 | (u64)number.ending);
    double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    double processor_seconds = double(std::clock() - clock_began) / CLOCKS_PER_SEC;
    std::printf("%llu %llu %.6f %.6f\n", (unsigned long long)begun, (unsigned long long)digest, seconds, processor_seconds);
}
