// Writes when the real robfig/cron would start a backup, and what it refuses: the vectors that the project's own
// reading of schedules is tested against.
//
//	cd tools/robfig && go run . > ../../tests/unit/controller/api/schedule_vectors.json
package main

import (
	"encoding/json"
	"os"
	"time"

	"github.com/robfig/cron/v3"
)

// Starts of every quarter hour count for little; what is between, at and around the turns of clocks and years for much.
var moments = []string{
	"2021-06-15T10:07:33.5Z",
	"2021-06-15T10:30:00Z",
	"2024-02-28T23:59:59Z",
	"2026-03-08T05:30:00Z", // an hour and a half before New York's clocks go forward
	"2026-03-28T23:15:00Z", // the night in which Berlin's do
	"2026-10-24T22:45:00Z", // the night in which Berlin's go back
	"2026-11-01T04:30:00Z", // and New York's
	"2026-12-31T23:59:00Z",
}

var schedules = []string{
	// What people write.
	"*/30 * * * *", "0 * * * *", "15 3 * * *", "0 0 * * 0", "0 2 * * 1-5", "30 2 * * 1", "0 0 1 * *", "0 0 1 1 *",
	"*/6 * * * *", "5/20 * * * *", "0 9-17/2 * * *", "0 0 29 2 *", "0 0 31 * *", "0 0 30 4,6,9,11 *",
	"@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually",
	"@every 1h", "@every 1h30m", "@every 90s", "@every 1.5h", "@every 26h", "@every 1h0m0.7s",
	// Days of the month and of the week.
	"0 0 1 * 1", "0 0 */10 * 1", "0 0 1 * */2", "0 0 */1 * 1", "0 0 13 * 5", "0 0 ? * 3", "0 0 13 * ?", "0 0 *,13 * 5",
	"0 0 31 2 1", "0 0 30 2 */2", "0 0 31 2 6",
	// Every way to write a field.
	"1,2,3 * * * *", "1,2-4,50 * * * *", "7-7 * * * *", "10-20/5 * * * *", "*/70 * * * *", "59/1 * * * *", "? ? ? ? ?",
	"0 0 * JAN *", "0 0 * jan-mar MON", "0 0 * * sun,Sat", "0 12 * dec fri", "+5 * * * *", "05 04 * * *", "1,,2 * * * *",
	"  0   0\t* * *  ", "0 0 * * 0-6", "0 0 1-7 * 1", "0/15 8/4 * * *",
	// Time zones.
	"CRON_TZ=UTC 0 6 * * *", "TZ=Europe/Berlin 30 2 * * *", "CRON_TZ=Europe/Berlin 0 3 * * *", "TZ=America/New_York 30 1 * * *",
	"CRON_TZ=America/New_York 30 2 * * *", "CRON_TZ=America/New_York */30 * * * *", "TZ=Asia/Kolkata 0 0 * * *",
	"CRON_TZ=Asia/Kathmandu @daily", "TZ=Asia/Tokyo @every 1h", "CRON_TZ=Europe/Berlin 0 2 * * 0", "TZ=Pacific/Auckland 15 2 * * 0",
	// What it refuses.
	"", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *", "* * * 13 *", "* * * 0 *",
	"* * * * 7", "-1 * * * *", "a * * * *", "1-2-3 * * * *", "1/2/3 * * * *", "*/0 * * * *", "5-1 * * * *", "* * * foo *",
	"* * * * L", "@reboot", "@Daily", "@every", "@every x", "@every 1", "@every 1d", "TZ=Nowhere/City * * * * *",
	"1.5 * * * *", "*/-5 * * * *", "0x5 * * * *", "1- * * * *", "- * * * *", "/5 * * * *", "5/ * * * *", "mon * * * *",
	"0 0 * * monday", "* * * * sun-sat/", "11111", "@dailyfoo", "0 0 1W * *", "0 0 * * 5#2",
	// What it takes, and what then never comes.
	"0 0 31 2 *", "0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 30,31 feb ?",
}

// A vector is one schedule: either refused, or when it fires for the first two times after a moment. "never" stands
// for a schedule that robfig/cron takes but that fires within no five years.
type vector struct {
	Schedule string              `json:"schedule"`
	Refused  bool                `json:"refused,omitempty"`
	Never    bool                `json:"never,omitempty"`
	Fires    map[string][]string `json:"fires,omitempty"`
}

func main() {
	time.Local = time.UTC
	vectors := []vector{}
	for _, schedule := range schedules {
		vectors = append(vectors, ask(schedule))
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(vectors); err != nil {
		panic(err)
	}
}

func ask(text string) vector {
	schedule, err := cron.ParseStandard(text)
	if err != nil {
		return vector{Schedule: text, Refused: true}
	}
	result := vector{Schedule: text, Fires: map[string][]string{}}
	for _, moment := range moments {
		at, err := time.Parse(time.RFC3339Nano, moment)
		if err != nil {
			panic(err)
		}
		first := schedule.Next(at)
		if first.IsZero() {
			return vector{Schedule: text, Never: true}
		}
		second := schedule.Next(first)
		result.Fires[moment] = []string{first.Format(time.RFC3339), second.Format(time.RFC3339)}
	}
	return result
}
