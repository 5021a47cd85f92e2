-- SPDX-License-Identifier: Apache-2.0
--
-- What wrk asks the community server for, and how it says what came of it: one
-- line of requests, seconds, p99 in microseconds, and those that failed.
--
--   wrk ... -s server.lua URL -- healthz
--   wrk ... -s server.lua URL -- profiles MEMBERS TOKEN
--   wrk ... -s server.lua URL -- events MEMBERS TOKEN RUN
--
-- MEMBERS is a file of ids, one a line. Ids of events begin with RUN, which is
-- another one each time.

local requests = {}
local made = 0

-- Of one thread: with more, they would send the same ids.
local function get(path, token)
  local headers = token and {Authorization = "Bearer " .. token} or {}
  requests[#requests + 1] = wrk.format("GET", path, headers)
end

local function next_of_all()
  made = made + 1
  return requests[made % #requests + 1]
end

local function next_event(members, token, run)
  local headers = {
    Authorization = "Bearer " .. token,
    ["Content-Type"] = "application/json",
  }
  local time = os.date("!%Y-%m-%dT%H:%M:%SZ")
  return function()
    made = made + 1
    local actor = members[made % #members + 1]
    local owner = members[made * 7 % #members + 1]
    -- Nobody is thanked by themselves.
    if owner == actor then owner = members[(made + 1) % #members + 1] end
    return wrk.format("POST", "/api/events", headers, string.format(
      '{"id":"%s-%d","type":"kudos_given","time":"%s","actor":"%s",' ..
      '"target":"post-%s-%d","attributes":{"owner":"%s"}}',
      run, made, time, actor, run, made, owner))
  end
end

function init(arguments)
  local what = arguments[1]
  local members = {}
  if what ~= "healthz" then
    for id in io.lines(arguments[2]) do members[#members + 1] = id end
  end
  if what == "events" then
    request = next_event(members, arguments[3], arguments[4])
    return
  end
  if what == "healthz" then get("/healthz") end
  for _, id in ipairs(members) do get("/api/members/" .. id, arguments[3]) end
  request = next_of_all
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("figures %d %.6f %d %d\n", summary.requests,
    summary.duration / 1e6, latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status +
      errors.timeout))
end
