-- SPDX-License-Identifier: ISC
-- wrk -s reports.lua: posts the lines of the file $REPORTS, one after another,
-- as $TOKEN, each thread from another place.

local threads = 0
local bodies = {}

function setup(thread)
	thread:set("first", threads * 997)
	threads = threads + 1
end

function init()
	for line in io.lines(os.getenv("REPORTS")) do
		bodies[#bodies + 1] = line
	end
	wrk.method = "POST"
	wrk.headers["Content-Type"] = "application/json"
	wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
end

function request()
	first = first + 1
	return wrk.format(nil, nil, nil, bodies[first % #bodies + 1])
end
