-- SPDX-License-Identifier: Apache-2.0
-- Copyright the Wasm Server authors

-- For wrk(1): each request names another random SHA-256, between the prefix and the suffix that are given as arguments.
-- Prints what came back as one line of JSON.

local threads = {}

function setup(thread)
    table.insert(threads, thread)
    thread:set("number", #threads)
end

function init(arguments)
    prefix, suffix = arguments[1], arguments[2]
    not_found, unavailable, other = 0, 0, 0
    math.randomseed(os.time() * 1000 + number)
end

function request()
    local words = {}
    for word = 1, 8 do
        words[word] = string.format("%08x", math.random(0, 0xffffffff))
    end
    return wrk.format("GET", prefix .. table.concat(words) .. suffix)
end

function response(status)
    if status == 404 then
        not_found = not_found + 1
    elseif status == 503 then
        unavailable = unavailable + 1
    else
        other = other + 1
    end
end

function done(summary)
    local sums = {not_found = 0, unavailable = 0, other = 0}
    for _, thread in ipairs(threads) do
        for name, sum in pairs(sums) do
            sums[name] = sum + thread:get(name)
        end
    end
    local broken = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
    print(string.format(
        '{"not_found": %d, "unavailable": %d, "other": %d, "broken": %d}',
        sums.not_found, sums.unavailable, sums.other, broken
    ))
end
